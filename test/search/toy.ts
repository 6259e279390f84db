import { z } from 'zod';
import { stream } from '#contracts/contract';
import type { EventType } from '#contracts/contract';
import { badTrackOf } from '#contracts/bad';
import { processor } from '#log/processor';
import { keyIn } from '#testing/keys';

/** A small service with one of everything: a fold with timers and outputs, and one that reads them. */
export const notes = stream('search-notes', { key: 'id' });
export const copies = stream('search-copies', { key: 'id' });
const bad = badTrackOf(notes.name).topic.name;
badTrackOf(copies.name);
export const badTopic = bad;

const Id = z.string();
export const WAIT_MS = 1000;

export const Noted = notes.event(
  'Noted',
  'A number was written down; negative ones are bad.',
  { writer: 'test', version: 2, upcasts: { 1: (old) => old } },
  { id: Id, n: z.int() },
);
export const Hit = notes.event(
  'Hit',
  'As a browser tab sends it.',
  { writer: 'test', numbered: true },
  { id: Id, tab: Id, hit: z.int().positive(), n: z.int() },
);
export const Remarked = notes.event(
  'Remarked',
  'Nobody reads it, but time has passed.',
  { writer: 'test' },
  { id: Id },
);
export const Copied = copies.event(
  'Copied',
  'What was written down.',
  { writer: 'test' },
  { id: Id, n: z.int() },
);
export const Woken = copies.event(
  'Woken',
  'Nothing was written down for a while.',
  { writer: 'test' },
  { id: Id, at: z.int() },
);

const Log = z.array(z.string());

/** The declaration as it was before its version 2. */
function before<E extends EventType>(event: E): E {
  return Object.assign((data: any) => event(data), event, { version: 1 }) as unknown as E;
}

function note(version: 1 | 2) {
  return processor({
    name: 'test.note',
    reads: [version === 2 ? Noted : before(Noted), Hit],
    appends: [Copied, Woken],
    state: Log,
    initial: [],
    on(state, { data: { id, n }, time }) {
      if (n < 0) throw new Error('negative');
      return { state: [...state, `${n}`], append: [Copied({ id, n })], wakeAt: time + WAIT_MS };
    },
    wake: (state, at, id) => ({
      state: [...(state ?? []), `woken ${at}`],
      append: [Woken({ id, at })],
    }),
  });
}

const copy = processor({
  name: 'test.copy',
  reads: [Copied, Woken],
  state: Log,
  initial: [],
  on(state, { data }) {
    return { state: [...state, 'n' in data ? `${data.n}` : `woken ${data.at}`] };
  },
});

/** The processors of a service before and after its update. */
export const versions = { 1: [note(1), copy], 2: [note(2), copy] } as const;

/** The partitions of {@link keys}. */
export const partitions = [0, 1];
/** Two keys of the first partition and one of the second. */
export const keys = [keyIn(0, 0), keyIn(0, 1), keyIn(1, 0)];
