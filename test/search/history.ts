import pLimit from 'p-limit';
import type { NewEvent } from '#contracts/contract';
import { BATCH_CONNECTIONS } from '#log/database';
import { Delivery } from '#log/delivery';
import type { Surroundings } from '#log/delivery';
import { encode } from '#log/envelope';
import { silent } from '#log/log-sink';
import { partitionOf } from '#log/partition';
import { ProcessorWork } from '#log/processor-work';
import { Producer } from '#log/producer';
import { Relay } from '#log/relay';
import { Views } from '#log/views';
import { Transactions } from '#log/transactions';
import { SimulatedLog } from './log.ts';
import type { Loss } from './log.ts';
import { entries, expectNotes, repeats } from './oracle.ts';
import { fakeTime, runIn, Simulation } from './simulation.ts';
import { SimulatedStore } from './store.ts';
import {
  badTopic,
  copies,
  Hit,
  keys,
  Noted,
  notes,
  partitions,
  Remarked,
  versions,
} from './toy.ts';

/** One thing that happens; then so many tasks of the system run. */
export type Step = { run: number } & (
  | { do: 'note' | 'checkout' | 'poison' | 'newer' | 'remark'; key: number }
  | { do: 'hit'; key: number; hit: number }
  | { do: 'lose'; what: Loss | 'commit' }
  | { do: 'repeat' | 'start' | 'crash' | 'freeze' | 'thaw' | 'move' | 'wait' | 'update' }
);

/** Runs a history to its end; returns what is wrong then. */
export async function play(steps: readonly Step[], choices: readonly number[]): Promise<string[]> {
  const undo = fakeTime();
  try {
    const history = new History(choices);
    await history.start();
    for (const step of steps) await history.take(step);
    return await history.settle();
  } finally {
    undo();
  }
}

/** Steps after which nothing may be on the log twice. */
const CALM: ReadonlySet<Step['do']> = new Set([
  ...(['note', 'checkout', 'hit', 'poison', 'remark', 'wait', 'start', 'move'] as const),
]);
/** Nothing is under way any more after so long; virtual time, and tasks. */
const SETTLE_MS = 60_000;
const SETTLE_TASKS = 5000;

class History {
  private readonly sim: Simulation;
  private readonly log: SimulatedLog;
  private readonly store: SimulatedStore;
  private readonly living: { owner: string; transactions: Transactions }[] = [];
  private version: 1 | 2 = 1;
  private started = 0;
  private written = 0;
  private last: { topic: string; message: Parameters<SimulatedLog['append']>[1] } | null = null;
  private readonly accepted: number[] = [];
  private readonly asked: number[] = [];
  private isCalm = true;

  constructor(choices: readonly number[]) {
    this.sim = new Simulation(choices);
    runIn(this.sim);
    this.log = new SimulatedLog(this.sim, partitions);
    this.store = new SimulatedStore(this.sim);
  }

  /** One more process of the service. */
  async start(): Promise<void> {
    this.started += 1;
    const owner = `process-${this.started}`;
    await this.sim.as(owner, () => {
      const client = this.log.client() as unknown as Surroundings['client'];
      const dataSource = this.store.session() as unknown as Surroundings['dataSource'];
      const producer = new Producer(client);
      const relay = new Relay(dataSource, producer, silent);
      const views = new Views(dataSource);
      const inTurn = pLimit(BATCH_CONNECTIONS);
      const its = { client, dataSource, producer, relay, views, sink: silent, inTurn };
      const around = { ...its, groups: 1 };
      relay.start();
      for (const processor of versions[this.version]) {
        const work = new ProcessorWork(processor);
        void new Delivery(work, { ...around, cluster: 'simulated', service: 'test' }).start();
      }
      this.living.push({ owner, transactions: new Transactions('test', dataSource, relay) });
    });
  }

  async take(step: Step): Promise<void> {
    if (!CALM.has(step.do)) this.isCalm = false;
    const [oldest] = this.living;
    switch (step.do) {
      case 'note':
      case 'poison':
      case 'newer':
        this.note(step.do, keys[step.key]!);
        break;
      case 'hit':
        this.write(Hit({ id: keys[step.key]!, tab: 'tab', hit: step.hit, n: 100 + step.hit }));
        break;
      case 'remark':
        this.write(Remarked({ id: keys[step.key]! }));
        break;
      case 'checkout':
        if (oldest) await this.checkout(oldest, keys[step.key]!);
        break;
      case 'repeat':
        if (this.last) this.log.append(this.last.topic, this.last.message);
        break;
      case 'lose':
        if (step.what === 'commit') this.store.commitsInDoubt += 1;
        else this.log.losses.push(step.what);
        break;
      case 'start':
        if (this.living.length < 2) await this.start();
        break;
      case 'crash':
        if (oldest) this.crash(oldest.owner);
        break;
      case 'freeze':
        if (oldest) this.freeze(oldest.owner);
        break;
      case 'thaw':
        this.thaw();
        break;
      case 'move':
        this.log.move();
        break;
      case 'update':
        await this.update();
        break;
      case 'wait':
        this.sim.advance(this.sim.now + 400);
    }
    await this.run(step.run);
  }

  /** Everybody lives and nothing fails from here on, until there is nothing left to do. */
  async settle(): Promise<string[]> {
    this.thaw();
    this.log.losses.length = 0;
    this.store.commitsInDoubt = 0;
    if (this.hasNewer()) await this.update();
    if (this.living.length === 0) await this.start();
    const limit = this.sim.now + SETTLE_MS;
    for (let tasks = 0; ; tasks += 1) {
      if (await this.sim.step()) {
        if (tasks > SETTLE_TASKS) return ['it never comes to rest'];
      } else if (this.isSettled()) return this.problems();
      else if (!this.sim.advance(limit)) return [`it stands still: ${this.whatIsLeft()}`];
    }
  }

  private note(kind: 'note' | 'poison' | 'newer', id: string): void {
    const n = kind === 'poison' ? -1 : this.written + 1;
    this.write({ ...Noted({ id, n }), version: kind === 'newer' ? 2 : 1 });
  }

  /** As a door writes it, with a lane of its own. */
  private write(event: NewEvent): void {
    this.written += 1;
    const id = `door/${this.written}`;
    const by = { source: 'test', cause: { correlationId: id, causationId: id } };
    const sequence = [this.written, 0] as const;
    const time = this.sim.now;
    const { topic, key, value, type } = encode(event, { ...by, id, time, lane: 'door', sequence });
    const headers = { ce_type: type, ce_lane: 'door', ce_sequence: `${this.written}.0` };
    const partition = partitionOf(key!);
    this.last = { topic, message: { key, value, headers, partition } };
    this.log.append(topic, this.last.message);
  }

  private checkout({ owner, transactions }: History['living'][number], id: string): Promise<void> {
    this.written += 1;
    const n = 1000 + this.written;
    this.asked.push(n);
    const event = { ...Noted({ id, n }), version: 1 };
    return this.sim.as(owner, () => {
      const work = transactions.run(async (tx) => tx.append(event));
      work.then(
        () => void this.accepted.push(n),
        () => undefined, // Refused: nothing was promised.
      );
    });
  }

  private crash(owner: string): void {
    this.living.splice(0, 1);
    this.sim.kill(owner);
    this.sim.schedule(null, () => this.store.abort(owner));
    this.sim.schedule(null, () => this.log.evict(owner), SESSION_MS);
  }

  /** What is frozen for too long loses its transactions, and then its partitions. */
  private freeze(owner: string): void {
    const { sim } = this;
    sim.frozen.add(owner);
    const ifFrozen = (then: () => void) => () => void (sim.frozen.has(owner) && then());
    sim.schedule(
      null,
      ifFrozen(() => this.store.abort(owner)),
      TRANSACTION_MS,
    );
    sim.schedule(
      null,
      ifFrozen(() => this.log.evict(owner)),
      SESSION_MS,
    );
  }

  private thaw(): void {
    for (const owner of this.sim.frozen) {
      this.sim.frozen.delete(owner);
      this.log.heartbeat(owner);
    }
  }

  /** A rolling update: the new ones are there before the old ones go. */
  private async update(): Promise<void> {
    this.version = 2;
    const old = this.living.length;
    for (let i = 0; i < old; i += 1) await this.start();
    for (const { owner } of this.living.slice(0, old)) this.crash(owner);
  }

  private async run(tasks: number): Promise<void> {
    for (let i = 0; i < tasks; i += 1) {
      if (!(await this.sim.step())) this.sim.advance(this.sim.now + 100);
    }
  }

  private hasNewer(): boolean {
    return partitions.some((partition) =>
      this.log
        .records(notes.name, partition)
        .some(({ value }) => value!.toString().includes('/Noted/2')),
    );
  }

  private isSettled(): boolean {
    return this.whatIsLeft() === '';
  }

  private whatIsLeft(): string {
    const left: string[] = [];
    for (const [group, topic] of [
      ['test.note', notes.name],
      ['test.copy', copies.name],
    ] as const) {
      for (const partition of partitions) {
        const at = this.store
          .rows('log_positions')
          .find((row) => row.group === group && row.partition === partition);
        const end = this.log.records(topic, partition).length;
        if ((at?.next_offset ?? 0) < end) left.push(`${group} at ${topic}-${partition}`);
      }
    }
    if (this.store.rows('log_outbox').length > 0) left.push('the outbox');
    const waits = this.store.rows('test_note').some(({ due_at }) => due_at !== null);
    if (waits) left.push('a timer');
    return left.join(', ');
  }

  private problems(): string[] {
    const problems: string[] = [];
    const same = (what: string, actual: unknown, expected: unknown) => {
      const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
      if (a !== b) problems.push(`${what}: ${a} instead of ${b}`);
    };
    const records = (topic: string, partition: number) => this.log.records(topic, partition);
    let doubled = 0;
    const onTheLog: string[] = [];
    for (const partition of partitions) {
      const read = records(notes.name, partition);
      const written = records(copies.name, partition);
      const expected = expectNotes(read);
      doubled += repeats(read) + repeats(written);
      onTheLog.push(...entries(read.filter(({ value }) => value!.toString().includes('"n":'))));
      same(`copies-${partition}`, entries(written), expected.outputs);
      for (const key of keys.filter((each) => partitionOf(each) === partition)) {
        same(`notes of ${key}`, this.state('test_note', key), expected.states.get(key) ?? []);
        const copied = entries(written).filter((entry) => entry.startsWith(`${key} `));
        same(`copies of ${key}`, this.state('test_copy', key), copied.map(rest));
      }
      same(`bad of ${partition}`, this.bad(partition), expected.bad);
    }
    for (const n of this.asked) {
      const times = onTheLog.filter((entry) => rest(entry) === `${n}`).length;
      const isAccepted = this.accepted.includes(n);
      if (times > 1 || (isAccepted && times === 0)) problems.push(`checkout ${n}: ${times} times`);
    }
    if (this.isCalm && doubled > 0) problems.push(`${doubled} repeats though nothing failed`);
    return problems;
  }

  private state(table: string, key: string): string[] {
    const row = this.store.rows(table).find((each) => each.key === key);
    return row ? JSON.parse(row.state) : [];
  }

  /** Offsets on the bad track for one partition of the notes, each once. */
  private bad(partition: number): number[] {
    const offsets = new Set<number>();
    for (let p = 0; p < 6; p += 1) {
      for (const { value } of this.log.records(badTopic, p)) {
        const { data } = JSON.parse(value!.toString());
        if (data.partition === partition) offsets.add(Number(data.offset));
      }
    }
    return [...offsets].sort((a, b) => a - b);
  }
}

/** As PostgreSQL and Kafka are set by the library, ms. */
const TRANSACTION_MS = 5000;
const SESSION_MS = 6000;

function rest(entry: string): string {
  return entry.slice(entry.indexOf(' ') + 1);
}
