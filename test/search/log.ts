import type { EachBatchPayload } from 'kafkajs';
import type { Simulation } from './simulation.ts';

/** A Kafka small enough to search with: partitions, groups that rebalance, producers that fail. */
export interface LogRecord {
  offset: number;
  timestamp: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, string>;
}

interface Message {
  key: string | null;
  value: string;
  headers: Record<string, string>;
  partition: number;
}

/** What becomes of a request: the producer hears of a failure each time. */
export type Loss = 'request' | 'answer' | 'late';

export class SimulatedLog {
  private readonly partitions = new Map<string, LogRecord[]>();
  private readonly groups = new Map<string, Group>();
  private readonly consumers: SimulatedConsumer[] = [];
  private waiting: { place: string; offset: number; go: () => void }[] = [];
  /** Becomes of the next requests. */
  readonly losses: Loss[] = [];

  constructor(
    private readonly sim: Simulation,
    /** The partitions that are used; the others stay empty. */
    readonly used: readonly number[],
  ) {}

  records(topic: string, partition: number): LogRecord[] {
    const place = `${topic}-${partition}`;
    const records = this.partitions.get(place) ?? [];
    this.partitions.set(place, records);
    return records;
  }

  append(topic: string, { key, value, headers, partition }: Message): void {
    const records = this.records(topic, partition);
    records.push({
      offset: records.length,
      timestamp: this.sim.now,
      key: key === null ? null : Buffer.from(key),
      value: Buffer.from(value),
      headers,
    });
    const place = `${topic}-${partition}`;
    const ready = this.waiting.filter((each) => each.place === place);
    this.waiting = this.waiting.filter((each) => each.place !== place);
    for (const { go } of ready) go();
  }

  /** Resolves when there is a record at this offset, for the process that runs now. */
  whenAt(topic: string, partition: number, offset: number): Promise<void> {
    const owner = this.sim.current;
    return new Promise((resolve) => {
      const go = () => void this.sim.schedule(owner, resolve);
      if (this.records(topic, partition).length > offset) go();
      else this.waiting.push({ place: `${topic}-${partition}`, offset, go });
    });
  }

  /** What a process connects to, in the place of kafkajs. */
  client() {
    const { sim } = this;
    return {
      producer: () => new SimulatedProducer(sim, this),
      consumer: ({ groupId }: { groupId: string }) => {
        const consumer = new SimulatedConsumer(sim, this, this.group(groupId));
        this.consumers.push(consumer);
        return consumer;
      },
    };
  }

  /** Who comes back after a pause hears from the coordinator again. */
  heartbeat(owner: string): void {
    for (const consumer of this.consumers) if (consumer.owner === owner) consumer.rejoin();
  }

  /** The process is not a member of any group any more. */
  evict(owner: string): void {
    for (const group of this.groups.values()) group.remove((member) => member.owner === owner);
  }

  /** Every group hands its partitions out anew, to other members when there are several. */
  move(): void {
    for (const group of this.groups.values()) group.rebalance();
  }

  private group(name: string): Group {
    const group = this.groups.get(name) ?? new Group(this);
    this.groups.set(name, group);
    return group;
  }
}

class Group {
  readonly committed = new Map<string, number>();
  private members: SimulatedConsumer[] = [];
  generation = 0;

  constructor(private readonly log: SimulatedLog) {}

  add(member: SimulatedConsumer): void {
    if (this.members.includes(member)) return;
    this.members.push(member);
    this.rebalance();
  }

  has(member: SimulatedConsumer): boolean {
    return this.members.includes(member);
  }

  remove(which: (member: SimulatedConsumer) => boolean): void {
    const before = this.members.length;
    this.members = this.members.filter((member) => !which(member));
    if (this.members.length !== before) this.rebalance();
  }

  rebalance(): void {
    this.generation += 1;
    const { members, generation } = this;
    members.forEach((member, i) => {
      const mine = this.log.used.filter((_, p) => (p + generation) % members.length === i);
      member.assign(generation, mine);
    });
  }
}

class SimulatedProducer {
  constructor(
    private readonly sim: Simulation,
    private readonly log: SimulatedLog,
  ) {}

  async connect(): Promise<void> {}
  async disconnect(): Promise<void> {}

  /** The request is on the network: it may arrive after its sender has died, or given up. */
  sendBatch(batch: { topicMessages: { topic: string; messages: Message[] }[] }): Promise<void> {
    const { sim, log } = this;
    const loss = log.losses.shift();
    const owner = sim.current;
    const arrive = () => {
      for (const { topic, messages } of batch.topicMessages) {
        for (const message of messages) log.append(topic, message);
      }
    };
    return new Promise((resolve, reject) => {
      const fail = () => void sim.schedule(owner, () => reject(new Error('the request failed')));
      if (loss === 'request') return fail();
      if (loss === 'late') fail();
      sim.schedule(null, () => {
        arrive();
        if (loss === 'answer') fail();
        else if (!loss) sim.schedule(owner, () => resolve());
      });
    });
  }
}

type Batch = EachBatchPayload['batch'];

class SimulatedConsumer {
  readonly events = { GROUP_JOIN: 'join', CRASH: 'crash' };
  readonly owner: string | null;
  private readonly listeners: ((event: { payload: object }) => void)[] = [];
  private topic = '';
  private eachBatch: (payload: EachBatchPayload) => Promise<void> = async () => {};
  private generation = 0;
  private assigned: { generation: number; partitions: readonly number[] } | null = null;
  private active = 0;
  private readonly seeks = new Map<number, number>();
  /** Ends the wait for a record of a partition. */
  private readonly wakes = new Map<number, () => void>();

  constructor(
    private readonly sim: Simulation,
    private readonly log: SimulatedLog,
    private readonly group: Group,
  ) {
    this.owner = sim.current;
  }

  on(event: string, listener: (event: { payload: object }) => void): void {
    if (event === this.events.GROUP_JOIN) this.listeners.push(listener);
  }

  async connect(): Promise<void> {}

  async subscribe({ topics }: { topics: string[] }): Promise<void> {
    this.topic = topics[0]!;
  }

  async run({ eachBatch }: { eachBatch: (payload: EachBatchPayload) => Promise<void> }) {
    this.eachBatch = eachBatch;
    this.sim.later(() => this.group.add(this));
  }

  async disconnect(): Promise<void> {
    this.group.remove((member) => member === this);
  }

  async commitOffsets(all: { partition: number; offset: string }[]): Promise<void> {
    const isMember = await this.sim.ask(() => this.group.has(this));
    if (!isMember) throw unknownMember();
    for (const { partition, offset } of all) {
      this.group.committed.set(`${partition}`, Number(offset));
    }
  }

  seek({ partition, offset }: { partition: number; offset: string }): void {
    this.seeks.set(partition, Number(offset));
    const wake = this.wakes.get(partition);
    if (wake) this.sim.schedule(this.owner, wake);
  }

  /** The coordinator's answer; as in kafkajs it is taken when the batches under way have ended. */
  assign(generation: number, partitions: readonly number[]): void {
    this.assigned = { generation, partitions };
    this.sim.schedule(this.owner, () => this.join());
  }

  private join(): void {
    if (this.active > 0 || !this.assigned || !this.group.has(this)) return;
    const { generation, partitions } = this.assigned;
    this.assigned = null;
    this.generation = generation;
    this.seeks.clear();
    const payload = { memberAssignment: { [this.topic]: [...partitions] } };
    for (const listener of this.listeners) listener({ payload });
    for (const partition of partitions) void this.read(partition, generation);
  }

  private async read(partition: number, generation: number): Promise<void> {
    let offset = this.group.committed.get(`${partition}`) ?? 0;
    for (;;) {
      await new Promise<void>((resolve) => {
        this.wakes.set(partition, resolve);
        void this.log.whenAt(this.topic, partition, offset).then(resolve);
      });
      if (generation !== this.generation || this.assigned) return this.rejoin();
      this.wakes.delete(partition);
      if (this.log.records(this.topic, partition).length <= offset) {
        offset = this.takeSeek(partition) ?? offset;
        continue;
      }
      const all = this.log.records(this.topic, partition);
      const records = all.slice(offset, offset + 1 + this.sim.choose(3));
      this.active += 1;
      let resolved = offset - 1;
      let resumed: Promise<void> | null = null;
      await this.eachBatch({
        batch: batchOf(this.topic, partition, records, all.length, offset),
        resolveOffset: (to: string) => void (resolved = Number(to)),
        heartbeat: async () => {
          if (!this.group.has(this)) throw unknownMember();
          if (this.assigned) throw Object.assign(new Error(), { type: 'REBALANCE_IN_PROGRESS' });
        },
        isRunning: () => true,
        isStale: () => this.seeks.has(partition),
        pause: () => {
          let resume = () => {};
          resumed = new Promise((resolve) => (resume = resolve));
          return resume;
        },
      } as unknown as EachBatchPayload);
      this.active -= 1;
      this.rejoin();
      offset = this.takeSeek(partition) ?? resolved + 1;
      await resumed;
    }
  }

  private takeSeek(partition: number): number | undefined {
    const offset = this.seeks.get(partition);
    this.seeks.delete(partition);
    return offset;
  }

  /** Who was away for too long learns of it at its next request, and joins again. */
  rejoin(): void {
    const { owner, sim } = this;
    if (!this.group.has(this)) sim.schedule(owner, () => this.group.add(this));
    else if (this.assigned) sim.schedule(owner, () => this.join());
  }
}

function batchOf(
  topic: string,
  partition: number,
  records: readonly LogRecord[],
  end: number,
  fetched: number,
): Batch {
  const messages = records.map((record) => ({
    ...record,
    offset: `${record.offset}`,
    timestamp: `${record.timestamp}`,
  }));
  return {
    ...{ topic, partition, messages, highWatermark: `${end}`, fetchedOffset: `${fetched}` },
    firstOffset: () => messages[0]?.offset ?? null,
    lastOffset: () => messages.at(-1)?.offset ?? `${fetched - 1}`,
  } as unknown as Batch;
}

function unknownMember(): Error {
  return Object.assign(new Error('unknown member'), { type: 'UNKNOWN_MEMBER_ID' });
}
