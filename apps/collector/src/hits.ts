import { badTrackOf } from '#contracts/bad';
import { InvalidEvent, mayWrite } from '#contracts/contract';
import type { EventType, NewEvent } from '#contracts/contract';
import { ClientErrorReported } from '#contracts/systems';
import { VisitorId } from '#contracts/values';
import { visitors } from '#contracts/visitors';

export const MAX_HITS = 100;

export interface Refused {
  /** Place of the hit in the batch; 0 when it is the whole body that is refused. */
  index: number;
  field: string;
  reason: string;
}

export interface Hits {
  kept: NewEvent[];
  refused: Refused[];
  /** The refused hits as they came, for the bad track. */
  bad: NewEvent[];
}

/** Refuses what is no UTF-8. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

const { RecordRefused } = badTrackOf(visitors.name);

/** What a browser may say. All else is said by services, and a page must not pose as one. */
const accepted = new Map<unknown, EventType>(
  [...visitors.events.values(), ClientErrorReported]
    .filter((event) => mayWrite(event, 'collector') && !event.broadcast)
    .map((event) => [event.type, event]),
);

/** Reads the body of `POST /collect`: one hit or an array of them. */
export function readHits(body: Buffer): Hits {
  let parsed: unknown;
  try {
    parsed = JSON.parse(utf8.decode(body));
  } catch {
    return wholeRefused(body, 'must be JSON in UTF-8');
  }
  const hits = Array.isArray(parsed) ? parsed : [parsed];
  if (hits.length === 0) return wholeRefused(body, 'must hold at least one hit');
  if (hits.length > MAX_HITS) {
    return wholeRefused(body, `must hold at most ${MAX_HITS} hits; send the rest in another batch`);
  }
  const result: Hits = { kept: [], refused: [], bad: [] };
  hits.forEach((hit, index) => {
    const event = readHit(hit);
    if ('topic' in event) return result.kept.push(event);
    result.refused.push({ index, ...event });
    return result.bad.push(badRecord(event, hit, body));
  });
  return result;
}

function readHit(hit: unknown): NewEvent | Omit<Refused, 'index'> {
  if (typeof hit !== 'object' || hit === null || Array.isArray(hit)) {
    return { field: '(body)', reason: 'a hit must be a JSON object' };
  }
  const { type, ...data } = hit as { type?: unknown };
  const contract = accepted.get(type);
  if (!contract) {
    return { field: 'type', reason: `must be one of ${[...accepted.keys()].join(', ')}` };
  }
  try {
    return contract(data);
  } catch (error) {
    const issue = error instanceof InvalidEvent ? error.issues[0] : undefined;
    if (!issue) throw error;
    return { field: issue.field, reason: issue.message };
  }
}

function wholeRefused(body: Buffer, reason: string): Hits {
  const refused = { field: '(body)', reason };
  return {
    kept: [],
    refused: [{ index: 0, ...refused }],
    bad: [badRecord(refused, undefined, body)],
  };
}

function badRecord(why: Omit<Refused, 'index'>, hit: unknown, body: Buffer): NewEvent {
  const { visitorId, type } = (hit ?? {}) as { visitorId?: unknown; type?: unknown };
  const key = VisitorId.safeParse(visitorId);
  const raw = rawOf(hit, body);
  return RecordRefused({
    group: 'collector',
    reason: `${why.field}: ${why.reason}`,
    topic: visitors.name,
    partition: null,
    offset: null,
    key: key.data ?? null,
    value: raw.toString('base64'),
    attempts: 1,
    size: raw.length,
    type: accepted.has(type) ? (type as string) : null,
  });
}

function rawOf(hit: unknown, body: Buffer): Buffer {
  try {
    return hit === undefined ? body : Buffer.from(JSON.stringify(hit));
  } catch {
    // JSON.parse reads deeper nesting than JSON.stringify can write.
    return body;
  }
}
