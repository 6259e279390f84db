import type { NewEvent } from '#contracts/contract';
import { eventTypeOf } from '#contracts/contract';
import { encode, LANE_HEADER, SEQUENCE_HEADER, TYPE_HEADER } from '#log/envelope';
import type { IncomingRecord, OutgoingRecord } from '#log/envelope';
import { fold } from '#log/fold';
import type { Outcome, Progress } from '#log/fold';
import type { StateRow } from '#log/state-row';
import type { Processor } from '#log/processor';
import { formatSequence } from '#log/sequence';

/** Output of a scenario: what was appended, without its envelope. */
export type Appended = Pick<NewEvent, 'type' | 'key' | 'data'>;

/**
 * Given / when / expect for a processor, on the real fold: every event goes through the envelope
 * and every state through its JSON text, one record a batch, so that what does not round-trip fails.
 *
 * @example scenario(stockLevel).given(GoodsDelivered(…)).when(StockRequested(…)).expect(StockRefused(…));
 */
export function scenario<S>(processor: Processor<S>): Scenario<S> {
  return new Scenario(processor);
}

/** Midnight of the day every scenario begins, ms. */
export const SCENARIO_START = Date.UTC(2026, 0, 1);

export class Scenario<S> {
  private progress: Progress = { offset: 0, index: 0, time: 0, shared: null, lanes: new Map() };
  private readonly rows = new Map<string, StateRow>();
  private now = SCENARIO_START;
  private offset = 0;
  private outputs: OutgoingRecord[] = [];
  private refusals: Outcome['bad'] = [];

  constructor(private readonly processor: Processor<S>) {}

  /** What happened before; outputs of it are forgotten. */
  given(...events: NewEvent[]): this {
    for (const event of events) this.feed(event);
    this.outputs = [];
    this.refusals = [];
    return this;
  }

  /** What happens now. */
  when(...events: NewEvent[]): this {
    for (const event of events) this.feed(event);
    return this;
  }

  /** Log time passes: timers that fall due run. */
  after(ms: number): this {
    this.now += ms;
    const tick = this.processor.topic.events.get('TimePassed')!({} as never);
    this.feed(tick);
    return this;
  }

  /** Exactly these events were appended since `given` or the last `expect`, in this order. */
  expect(...events: NewEvent[]): this {
    const wanted = events.map(({ type, key, data }) => ({ type, key, data }));
    expect(this.appended()).toEqual(JSON.parse(JSON.stringify(wanted)));
    this.outputs = [];
    return this;
  }

  /** The state of a key; null when there is none. */
  expectState(key: string, state: unknown): this {
    expect(this.state(key)).toEqual(state);
    return this;
  }

  /** The last event was put on the bad track, for a reason that matches. */
  expectRefusal(reason: RegExp): this {
    expect(this.refusals.at(-1)?.reason).toMatch(reason);
    return this;
  }

  state(key: string): S | null {
    const text = this.rows.get(key)?.state ?? null;
    return text === null ? null : (JSON.parse(text) as S);
  }

  appended(): Appended[] {
    return this.outputs.map(({ type, key, value }) => ({
      type,
      key,
      data: JSON.parse(value).data,
    }));
  }

  private feed(event: NewEvent): void {
    const record = recordOf(event, { offset: this.offset, timestamp: this.now });
    this.offset += 1;
    const { processor, progress, rows } = this;
    const outcome = fold({ processor, partition: 0, progress, rows, records: [record] });
    this.progress = outcome.progress;
    for (const [key, saved] of outcome.rows) {
      if (saved) this.rows.set(key, saved.row);
      else this.rows.delete(key);
    }
    this.outputs.push(...outcome.append);
    this.refusals.push(...outcome.bad);
  }
}

/** An event as the record it would be on the log. `timestamp` is in ms. */
export function recordOf(
  event: NewEvent,
  at: { offset: number; timestamp: number; lane?: string },
): IncomingRecord {
  const source = writerOf(event);
  const id = `test/${at.offset}`;
  const lane = at.lane ?? 'test';
  const sequence = [at.offset, 0] as const;
  const cause = { correlationId: id, causationId: id };
  const { value } = encode(event, { id, source, time: at.timestamp, cause, lane, sequence });
  return {
    offset: at.offset,
    timestamp: at.timestamp,
    key: event.key === null ? null : Buffer.from(event.key),
    value: Buffer.from(value),
    headers: {
      [TYPE_HEADER]: event.type,
      [LANE_HEADER]: lane,
      [SEQUENCE_HEADER]: formatSequence(sequence),
    },
  };
}

function writerOf(event: NewEvent): string {
  const declared = eventTypeOf(event.topic, event.type);
  return declared?.writers[0] ?? '*';
}
