import type { LogRecord } from './log.ts';
import { WAIT_MS } from './toy.ts';

/**
 * What the toy service has to come to, worked out from the log alone by a program that shares nothing
 * with the library: what a lane or a tab repeats counts once, timers run in their order.
 */
export interface Expected {
  /** What each key wrote down, in order. */
  states: Map<string, string[]>;
  /** What is appended, in order: key and entry. */
  outputs: string[];
  /** Offsets of bad records. */
  bad: number[];
}

export function expectNotes(records: readonly LogRecord[]): Expected {
  const expected: Expected = { states: new Map(), outputs: [], bad: [] };
  const timers = new Map<string, number>();
  const hits = new Set<string>();
  const write = (key: string, entry: string) => {
    expected.states.set(key, [...(expected.states.get(key) ?? []), entry]);
    expected.outputs.push(`${key} ${entry}`);
  };
  let time = 0;
  for (const { event, record, isRepeat } of withRepeats(records)) {
    time = Math.max(time, record.timestamp);
    const due = [...timers].filter(([, at]) => at <= time);
    due.sort(([a, aAt], [b, bAt]) => aAt - bAt || (a < b ? -1 : 1));
    for (const [key, at] of due) {
      timers.delete(key);
      write(key, `woken ${at}`);
    }
    if (isRepeat || !['Noted', 'Hit'].includes(event.type)) continue;
    const { id, n, tab, hit } = event.data;
    const counted = `${id} ${tab} ${hit}`;
    if (event.type === 'Hit' && hits.has(counted)) continue;
    if (n < 0) {
      expected.bad.push(record.offset);
      continue;
    }
    if (event.type === 'Hit') hits.add(counted);
    write(id, `${n}`);
    timers.set(id, time + WAIT_MS);
  }
  return expected;
}

/** What is on a partition, each event once: key and entry. */
export function entries(records: readonly LogRecord[]): string[] {
  return withRepeats(records)
    .filter(({ isRepeat }) => !isRepeat)
    .map(({ event: { data } }) => `${data.id} ${'n' in data ? data.n : `woken ${data.at}`}`);
}

/** How many records say again what their lane has said. */
export function repeats(records: readonly LogRecord[]): number {
  return withRepeats(records).filter(({ isRepeat }) => isRepeat).length;
}

function withRepeats(records: readonly LogRecord[]) {
  const last = new Map<string, [number, number]>();
  return records.map((record) => {
    const event = JSON.parse(record.value!.toString());
    const { ce_lane: lane, ce_sequence: sequence = '' } = record.headers;
    const [major = 0, minor = 0] = sequence.split('.').map(Number);
    const [lastMajor, lastMinor] = last.get(lane ?? '') ?? [-1, -1];
    const isRepeat =
      lane !== undefined && (major < lastMajor || (major === lastMajor && minor <= lastMinor));
    if (lane !== undefined && !isRepeat) last.set(lane, [major, minor]);
    return { record, event, isRepeat };
  });
}
