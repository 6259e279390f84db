import { createHash } from 'node:crypto';
import type { NewEvent } from '#contracts/contract';
import type { OutgoingRecord } from '#log/envelope';
import { fold } from '#log/fold';
import type { Progress } from '#log/fold';
import type { StateRow } from '#log/state-row';
import type { Processor } from '#log/processor';
import { recordOf } from './scenario.ts';

/** An event with its log time, ms. Times must not run backwards. */
export interface Timed {
  event: NewEvent;
  at: number;
}

/** What a processor makes of a history. */
export interface Replayed {
  /** Final rows by key. */
  rows: Map<string, StateRow>;
  outputs: OutgoingRecord[];
}

/** Runs a history through the real fold on one partition, `batchSize` records at a time. */
export function replay(processor: Processor, history: readonly Timed[], batchSize = 1): Replayed {
  const rows = new Map<string, StateRow>();
  const outputs: OutgoingRecord[] = [];
  let progress: Progress = { offset: 0, index: 0, time: 0, shared: null, lanes: new Map() };
  for (let from = 0; from < history.length; from += batchSize) {
    const records = history
      .slice(from, from + batchSize)
      .map(({ event, at }, i) => recordOf(event, { offset: from + i, timestamp: at }));
    const outcome = fold({ processor, partition: 0, progress, rows, records });
    progress = outcome.progress;
    for (const [key, saved] of outcome.rows) {
      if (saved) rows.set(key, saved.row);
      else rows.delete(key);
    }
    outputs.push(...outcome.append);
  }
  return { rows, outputs };
}

/** The outputs of one processor as the history of the next, each at the time it carries. */
export function historyOf(outputs: readonly OutgoingRecord[]): Timed[] {
  return outputs.map(({ topic, type, key, value }) => {
    const { time, data, dataschema } = JSON.parse(value);
    const version = Number(String(dataschema).split('/').at(-1));
    return { event: { topic, type, key, version, data }, at: Date.parse(time) };
  });
}

/**
 * sha256, hex, over what a processor makes of a history: every final state and timer, sorted by
 * key, and id, type, key, time and data of every output. Throws when it depends on the batches.
 */
export function goldenDigest(processor: Processor, history: readonly Timed[]): string {
  const digest = digestOf(replay(processor, history));
  if (digest === digestOf(replay(processor, history, history.length))) return digest;
  throw new Error(
    `${processor.name} gives another result when records come in larger batches: ` +
      'look for a state that is changed in place, or that does not survive its own JSON.',
  );
}

/**
 * Fails when the same history gives another result than the committed one and the version did not
 * go up: what is already on the log was decided by the old rule.
 */
export function expectGolden(
  processor: Processor,
  history: readonly Timed[],
  committed: { version: number; digest: string },
): void {
  const digest = goldenDigest(processor, history);
  const { name, version } = processor;
  if (version === committed.version && digest === committed.digest) return;
  throw new Error(
    version === committed.version
      ? `${name} is still version ${version}, but gives another result for the same history: ` +
          `raise its version, or undo the change (digest now ${digest}).`
      : `${name} is version ${version}, the committed digest is of version ` +
          `${committed.version}: commit { version: ${version}, digest: '${digest}' }.`,
  );
}

/** Pseudo-random numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function digestOf({ rows, outputs }: Replayed): string {
  const hash = createHash('sha256');
  const byKey = [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [key, { state, wakeAt }] of byKey) {
    hash.update(`${JSON.stringify([key, state, wakeAt])}\n`);
  }
  for (const { topic, key, value } of outputs) {
    const { id, type, time, data } = JSON.parse(value);
    hash.update(`${JSON.stringify([topic, id, type, key, time, data])}\n`);
  }
  return hash.digest('hex');
}
