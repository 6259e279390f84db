import { randomUUID } from 'node:crypto';
import type { Kafka } from 'kafkajs';
import { badTrackOf, OPERATOR, topicOfBadTrack } from '#contracts/bad';
import { topics } from '#contracts/contract';
import type { NewEvent } from '#contracts/contract';
import { BadCases, laneOfCase, parseAt, textOf } from './bad-cases.ts';
import type { At, BadCase, Settled } from './bad-cases.ts';
import {
  ADDRESSEE_HEADER,
  ATTEMPT_HEADER,
  CAUSATION_HEADER,
  CORRELATION_HEADER,
  encode,
  header,
  LANE_HEADER,
  SEQUENCE_HEADER,
} from './envelope.ts';
import type { IncomingRecord } from './envelope.ts';
import { withAdmin } from './kafka.ts';
import { Producer } from './producer.ts';
import type { PlacedRecord } from './producer.ts';
import { readSpans, spansOf } from './read-span.ts';
import { formatSequence } from './sequence.ts';

/** After this long a retry whose record did not come was cut off in the middle. */
const CUT_OFF_MS = 60_000;
/** By how much the clocks of brokers may differ. */
const CLOCKS_MS = 60_000;
/** Whatever a lane of a bad event says, it says once. */
const ONCE = [1, 0] as const;

/**
 * Bad events and what people decide about them. A decision is an event in the partition of the
 * refused record; who finds another's there before the own was too late. Errors are sentences.
 */
export class BadEvents {
  constructor(
    private readonly client: Kafka,
    private readonly options: { cutOffMs?: number } = {},
  ) {}

  /** Every refused record on the bad tracks of these topics, decided or not. */
  async all(topicNames: readonly string[]): Promise<BadCase[]> {
    const cases = await this.read(topicNames.map((name) => badTrackOf(name).topic.name));
    return [...cases.byId.values()];
  }

  /** One refused record, with its raw bytes. */
  async find(id: string): Promise<BadCase> {
    const at = parseAt(id);
    const topic = at && topicOfBadTrack(at.topic);
    if (!at || !topic)
      throw new Error(`"${id}" is no ID: they look like visitors.bad-2/17; ${SEE}.`);
    if (!topics().has(at.topic)) throw new Error(`There is no topic "${topic}": ${SEE}.`);
    const cases = await this.read([at.topic], at.partition, id);
    const first = cases.repeats.get(id);
    if (first !== undefined) throw new Error(`${id} repeats ${first}: use that one.`);
    const found = cases.byId.get(id);
    if (!found) throw new Error(`There is no bad event ${id}: ${SEE}.`);
    return found;
  }

  /** The record that was refused, from its place on the log; undefined when it is not there. */
  async original({ data }: BadCase): Promise<IncomingRecord | undefined> {
    const at = placeOf(data);
    if (!at) return undefined;
    const spans = await withAdmin(this.client, (admin) => spansOf(admin, [at.topic]));
    const span = spans.find(({ partition }) => partition === at.partition);
    if (!span || at.offset < span.from || at.offset >= span.to) return undefined;
    let found: IncomingRecord | undefined;
    const wanted = { ...span, from: at.offset, to: at.offset + 1 };
    await readSpans(this.client, [wanted], (_topic, _partition, record) => void (found = record));
    return found;
  }

  /** Sends the original once more, to the group that refused it. Returns where it is now. */
  async retry(id: string, by: string): Promise<string> {
    const found = await this.find(id);
    const original = await this.retriable(found);
    if (found.settled) await this.refuseSecond(found, found.settled);
    else await this.decide(found, trackOf(id).RecordRetried({ refused: id, by }));
    return this.sendAgain(found, original);
  }

  /** Gives a refused record up. */
  async discard(id: string, by: string, why: string): Promise<void> {
    const found = await this.find(id);
    if (found.settled) throw new Error(tooLate(id, found.settled));
    await this.decide(found, trackOf(id).RecordDiscarded({ refused: id, by, why }));
  }

  /** The original, when sending it again can be of use. */
  private async retriable(found: BadCase): Promise<IncomingRecord> {
    const { id, data } = found;
    if (data.offset === null) throw new Error(data.partition === null ? door(id) : timer(id));
    if (topics().get(data.topic)?.kind === 'table') {
      throw new Error(
        `${data.topic} is a table: sent again, the old value would be the last of its key for ` +
          `everybody. Have its writer append the value anew, then discard ${id}.`,
      );
    }
    const original = await this.original(found);
    const differs =
      original && data.value !== '' && original.value?.toString('base64') !== data.value;
    if (original && !differs) return original;
    const place = textOf(placeOf(data)!);
    throw new Error(
      `${place} ${differs ? 'is another record now' : 'is no longer on the log'}: ` +
        `nothing can be sent again; discard ${id}.`,
    );
  }

  /** Only a retry that was cut off before its record came is gone on with. */
  private async refuseSecond({ id, data }: BadCase, settled: Settled): Promise<void> {
    const { cutOffMs = CUT_OFF_MS } = this.options;
    const isRecent = Date.now() - settled.time < cutOffMs;
    if (settled.how !== 'retried' || isRecent) throw new Error(tooLate(id, settled));
    const at = await this.sentAgainAt(id, data, settled.time);
    if (at) throw new Error(tooLate(id, settled, at));
  }

  /** Appends a decision, and finds out whose was first. */
  private async decide(found: BadCase, event: NewEvent): Promise<void> {
    const { id, correlationId, eventId: causationId } = found;
    const lane = laneOfCase(id);
    const eventId = `${lane}/${randomUUID()}`;
    const { partition } = parseAt(id)!;
    const by = { id: eventId, source: OPERATOR, time: Date.now(), lane, sequence: ONCE, partition };
    const producer = new Producer(this.client);
    try {
      await producer.send([
        encode(event, { ...by, cause: { correlationId, causationId } }) as PlacedRecord,
      ]);
    } finally {
      await producer.close();
    }
    const { settled } = await this.find(id);
    if (settled && settled.eventId !== eventId) throw new Error(tooLate(id, settled));
  }

  private async sendAgain({ id, data, correlationId }: BadCase, original: IncomingRecord) {
    const at = placeOf(data)!;
    const headers = {
      ...original.headers,
      [LANE_HEADER]: laneOfCase(id),
      [SEQUENCE_HEADER]: formatSequence(ONCE),
      [ADDRESSEE_HEADER]: data.group,
      [ATTEMPT_HEADER]: String(data.attempts + 1),
      [CAUSATION_HEADER]: textOf(at),
      [CORRELATION_HEADER]: correlationId,
    };
    const { key, value } = original;
    // Raw, as the bytes may be anything; not idempotent, for the reason `Producer` gives.
    const producer = this.client.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    try {
      const messages = [{ key, value, headers, partition: at.partition }];
      const [sent] = await producer.send({ topic: at.topic, acks: -1, messages });
      return textOf({ ...at, offset: Number(sent!.baseOffset) });
    } finally {
      await producer.disconnect();
    }
  }

  /** Where the record of a retry is; undefined when it never came. `since` in ms. */
  private async sentAgainAt(id: string, data: BadCase['data'], since: number) {
    const { topic, partition } = placeOf(data)!;
    const span = await withAdmin(this.client, async (admin) => {
      const spans = await spansOf(admin, [topic]);
      const starts = await admin.fetchTopicOffsetsByTimestamp(topic, since - CLOCKS_MS);
      const start = starts.find((found) => found.partition === partition);
      return {
        ...spans.find((found) => found.partition === partition)!,
        from: Number(start!.offset),
      };
    });
    let at: string | undefined;
    await readSpans(this.client, [span], (_topic, _partition, record) => {
      if (header(record, LANE_HEADER) !== laneOfCase(id)) return;
      at ??= textOf({ topic, partition, offset: record.offset });
    });
    return at;
  }

  private async read(tracks: readonly string[], only?: number, valueOf?: string) {
    const cases = new BadCases(valueOf);
    const spans = await withAdmin(this.client, async (admin) => {
      const existing = new Set(await admin.listTopics());
      return spansOf(
        admin,
        tracks.filter((name) => existing.has(name)),
      );
    });
    const wanted = spans.filter(({ partition }) => only === undefined || partition === only);
    await readSpans(this.client, wanted, (topic, partition, record) => {
      cases.take(topic, partition, record);
    });
    return cases;
  }
}

const trackOf = (id: string) => badTrackOf(topicOfBadTrack(parseAt(id)!.topic)!);

const SEE = 'npm run bad -- list shows what there is';

function placeOf({ topic, partition, offset }: BadCase['data']): At | undefined {
  if (partition === null || offset === null) return undefined;
  return { topic, partition, offset: Number(offset) };
}

function tooLate(id: string, { how, by, why, time }: Settled, at?: string): string {
  const reason = why === null ? '' : ` (${why})`;
  const now = at === undefined ? '' : ` and is at ${at}`;
  const when = new Date(time).toISOString();
  return `${id} was ${how} by ${by} at ${when}${reason}${now}: once is all there is.`;
}

/** Only a door may say what came through it, by the rules it has today. */
const door = (id: string) =>
  `${id} never was on the log, its door refused it. Post it anew: npm run --silent bad -- show ` +
  `${id} --raw | curl --data-binary @- http://localhost:4002/collect; then discard it.`;

const timer = (id: string) =>
  `${id} was a timer, no record that could be sent again: ` +
  `mend the processor and rebuild it when its state must change, then discard ${id}.`;
