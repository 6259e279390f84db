import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Topic } from '#contracts/contract';
import { processor } from '#log/processor';
import { readAll } from '../log-harness.ts';

export const Tally = z.object({ sum: z.number(), woken: z.number() });

/** A toy: adds up, reports each tenth, and is woken 300 ms after the last addition. */
export function toy(topic: Topic) {
  const Added = topic.event(
    'Added',
    'A number came.',
    { writer: 'test' },
    {
      id: z.string(),
      n: z.number(),
    },
  );
  const Reported = topic.event(
    'Reported',
    'A tenth number came.',
    { writer: 'test' },
    {
      id: z.string(),
      sum: z.number(),
    },
  );
  const Woken = topic.event(
    'Woken',
    'Nothing came for a while.',
    { writer: 'test' },
    {
      id: z.string(),
    },
  );
  const tally = processor({
    name: `test.tally-${randomUUID().slice(0, 8)}`,
    reads: [Added],
    appends: [Reported, Woken],
    state: Tally,
    initial: { sum: 0, woken: 0 },
    on(state, { data: { id, n }, time }) {
      if (n < 0) throw new Error('n must not be negative');
      const sum = state.sum + n;
      const report = sum % 10 === 0 ? [Reported({ id, sum })] : [];
      return { state: { ...state, sum }, append: report, wakeAt: time + 300 };
    },
    wake: (state, _at, id) => ({
      state: { ...state, woken: state.woken + 1 },
      append: [Woken({ id })],
    }),
  });
  return { Added, Reported, Woken, tally };
}

/** Keys of the events of that type, as often as they are on the log. */
export async function typesOf(topic: string, type: string): Promise<string[]> {
  const records = await readAll(topic);
  return records
    .map(({ value }) => JSON.parse(value!.toString()) as { type: string; id: string })
    .filter((event) => event.type === type)
    .map(({ id }) => id);
}
