import type { EntityManager } from 'typeorm';
import type { Topic } from '#contracts/contract';
import type { IncomingRecord } from './envelope.ts';
import type { KeptStates } from './kept-states.ts';
import type { Progress } from './fold.ts';
import type { Step } from './positions.ts';

/** Consecutive records of one partition, in the transaction that will move its position. */
export interface Batch {
  topic: string;
  partition: number;
  progress: Progress;
  records: readonly IncomingRecord[];
  /** Offsets to refuse, with the reason. */
  skips: ReadonlyMap<number, string>;
  /** States that need not be read again. */
  kept: KeptStates;
  /** When a timer is to be looked at next, ms of log time; null when nobody waits. */
  nextTimer: number | null;
}

export interface Done extends Step {
  /** When a timer is to be looked at next, ms of log time; null when nobody waits. */
  nextTimer: number | null;
  /** Why the records after `progress` must wait for a newer version of this service. */
  waitsFor?: string | undefined;
  /** Called when the transaction is committed. */
  committed?(): void;
}

/** What came of some batches, told as soon as it is known. */
export interface Run {
  done: Done[];
  /** Resolves when its effects are written. They are asked for: what is asked after them comes after them. */
  written: Promise<unknown>;
}

/** What a consumer group does with its records: a processor, `@On` or `@OnBatch` handlers. */
export interface Work {
  /** The consumer group. */
  readonly group: string;
  readonly topics: readonly Topic[];
  /** Does it do anything with events of this type? */
  wants(type: string): boolean;
  /** May several partitions share a transaction? Not when it locks what others lock in another order. */
  readonly shares: boolean;
  /** How long records may wait for others to come, ms; undefined: hardly at all. */
  readonly lingerMs?: number | undefined;
  /**
   * Does the work and writes its own effects through `tx`; the loop saves the steps, in this order.
   * `locked` resolves when nobody else can do the same: until then it may only read.
   */
  run(tx: EntityManager, batches: readonly Batch[], locked: Promise<void>): Promise<Run>;
  /** Where to keep the states of a partition, when it is assigned. */
  keep(): KeptStates;
  /** When a timer of a partition is to be looked at next, asked when the partition is assigned. */
  nextTimer(tx: EntityManager, partition: number): Promise<number | null>;
  /**
   * When somebody is to be woken next, ms of log time: exactly, if that is until `now`, and otherwise no
   * later than that; null when nobody waits.
   */
  nextDue(tx: EntityManager, partition: number, now: number): Promise<number | null>;
}
