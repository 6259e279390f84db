import type { IncomingRecord } from '#log/envelope';
import { fold } from '#log/fold';
import type { Outcome, Progress } from '#log/fold';
import type { ChangedRow, StateRow } from '#log/state-row';
import { KeptStates } from '#log/kept-states';
import type { Processor } from '#log/processor';
import type { Sequence } from '#log/sequence';
import { Agenda } from './agenda.ts';

/** A processor at work on one partition, with its states in memory: the same fold as in the services. */
export class VirtualReader {
  progress: Progress = { offset: 0, index: 0, time: 0, shared: null, lanes: new Map() };
  /** What its database would keep. */
  readonly rows = new Map<string, ChangedRow>();
  /** Of what it appended; null when it appended nothing. */
  lastOutput: { lane: string; sequence: Sequence } | null = null;
  readonly #kept = new KeptStates(Infinity);
  /** Timers that are to be looked at, also those that were since. */
  readonly #timers = new Agenda(0);
  #due: string[] = [];

  constructor(
    readonly processor: Processor,
    readonly partition: number,
  ) {}

  /** Reads records in one batch. Returns what is to be appended, and the rows that changed. */
  read(records: readonly IncomingRecord[]): Pick<Outcome, 'append' | 'rows'> {
    const { processor, partition, progress } = this;
    const last = records.at(-1)!;
    this.#timers.run(last.timestamp);
    const rows = new Map<string, StateRow>();
    for (const key of this.#due.splice(0)) {
      const saved = this.rows.get(key);
      const lookAt = saved?.kept.lookAt ?? null;
      if (lookAt !== null && lookAt <= last.timestamp) rows.set(key, saved!.row);
    }
    const kept = this.#kept;
    const outcome = fold({ processor, partition, progress, rows, kept, records });
    const [refused] = outcome.bad;
    if (refused) throw new Error(`${processor.name} refuses ${refused.offset}: ${refused.reason}`);
    for (const [key, saved] of outcome.rows) {
      if (!saved) {
        this.rows.delete(key);
        kept.delete(key);
        continue;
      }
      this.rows.set(key, saved);
      kept.set(key, saved.kept, 0);
      const { lookAt } = saved.kept;
      if (lookAt !== null) this.#timers.at(lookAt, () => void this.#due.push(key));
    }
    this.progress = outcome.progress;
    const output = outcome.append.at(-1);
    if (output) this.lastOutput = { lane: output.lane!, sequence: output.sequence! };
    return outcome;
  }

  /** The decoded state of a key; null when there is none. */
  state<S>(key: string): S | null {
    return (this.#kept.get(key)?.state ?? null) as S | null;
  }
}
