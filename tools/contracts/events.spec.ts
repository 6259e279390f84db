import { Ajv } from 'ajv';
import fc from 'fast-check';
import { topics } from '#contracts/all';
import { InvalidEvent } from '#contracts/contract';
import type { EventType, NewEvent } from '#contracts/contract';
import { decode } from '#log/envelope';
import { recordOf } from '#testing/scenario';
import { acceptedBy } from './arbitrary.ts';
import { faultsOf } from './faults.ts';
import { readSchemas } from './files.ts';
import { eventsByPath } from './schemas.ts';

/** Properties of every event: what it may be passes through the log as it is, and nothing else. */

const committed = readSchemas();
const events = [...eventsByPath(topics().values())];
/** The same data in every run. */
const seed = 20;

const read = (event: EventType, written: NewEvent) =>
  decode(event, recordOf(written, { offset: 1, timestamp: 2 }), 3);

describe.each(events)('%s', (path, event) => {
  const accepts = new Ajv({ strict: false, validateFormats: false }).compile(committed.get(path)!);

  it('is read as it was made, and fulfils its committed schema', () => {
    const isKept = fc.property(acceptedBy(event), (data) => {
      const made = event(data as never);
      const { type, key } = made;
      expect(read(event, made)).toMatchObject({ type, key, time: 3 });
      expect(read(event, made).data).toEqual(made.data);
      expect(JSON.stringify(made.data)).toBe(JSON.stringify(event.schema.parse(data)));
      expect([accepts(data), accepts.errors]).toEqual([true, null]);
      expect([accepts(made.data), accepts.errors]).toEqual([true, null]);
    });
    fc.assert(isKept, { seed, numRuns: 30 });
  });

  it('is refused with one fault, by its constructor and by its readers, and the field is named', () => {
    const isRefused = fc.property(acceptedBy(event), fc.nat(), (good, any) => {
      const faults = faultsOf(committed.get(path)!, good);
      const { data, field, what } = faults[any % faults.length]!;
      const refusals = [
        issuesOf(() => event(data as never)),
        issuesOf(() => read(event, { ...event(good as never), data })),
      ];
      const found = refusals.map((issues) => issues.map((issue) => issue.field));
      expect({ what, found }).toEqual({ what, found: [[field], [field]] });
      expect({ what, field, accepted: accepts(data) }).toEqual({ what, field, accepted: false });
    });
    fc.assert(isRefused, { seed, numRuns: 60 });
  });
});

function issuesOf(make: () => unknown): InvalidEvent['issues'] {
  try {
    make();
  } catch (error) {
    if (error instanceof InvalidEvent) return error.issues;
    throw error;
  }
  return [];
}

it('knows of every fault there is, somewhere', () => {
  const all = events.flatMap(([path, event]) =>
    fc
      .sample(acceptedBy(event), { seed, numRuns: 20 })
      .flatMap((good) => faultsOf(committed.get(path)!, good)),
  );
  expect([...new Set(all.map(({ what }) => what))].toSorted()).toEqual([
    'above the maximum',
    'below the minimum',
    'left out',
    'no value of the enum',
    'not above the minimum',
    'not whole',
    'of another type',
    'of too few',
    'of too many',
    'text with U+0000',
    'too long',
    'too short',
  ]);
});
