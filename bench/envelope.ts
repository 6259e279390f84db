import { encode, LANE_HEADER, SEQUENCE_HEADER, TYPE_HEADER } from '#log/envelope';
import { formatSequence } from '#log/sequence';
import { view } from './hits.ts';

const lane = 'collector:b0000000-0000-4000-8000-000000000000';
const same = view(1);

/** A product view as LogWriter puts it on the log, made anew each time, for who does without it. */
export function envelope(n: number) {
  const id = `${lane}/${n}`;
  const cause = { correlationId: id, causationId: id };
  const sequence = [n, 0] as const;
  const by = { id, source: 'collector', time: Date.now(), cause, lane, sequence };
  const { key, value, type } = encode(same, by);
  const headers = {
    [TYPE_HEADER]: type,
    [LANE_HEADER]: lane,
    [SEQUENCE_HEADER]: formatSequence(sequence),
  };
  return { key, value, headers };
}
