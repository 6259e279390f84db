import { stream } from '#contracts/contract';
import { checkNames, parseOptions } from './options.ts';

const now = Date.UTC(2026, 5, 1, 12);
const parse = (line: string) => parseOptions(line.split(' ').filter(Boolean), now);

it('reads from now, shows all and shares nothing unless told otherwise', () => {
  expect(parse('visitors')).toEqual({
    topics: ['visitors'],
    from: 'now',
    types: [],
    key: null,
    channel: null,
    json: false,
    help: false,
  });
});

it('takes several topics, once each, and several types', () => {
  const line = 'visitors orders visitors --type CouponOffered --type=OfferShown --json --key v-1';
  expect(parse(`${line} --channel App2`)).toMatchObject({
    topics: ['visitors', 'orders'],
    types: ['CouponOffered', 'OfferShown'],
    json: true,
    key: 'v-1',
    channel: 'App2',
  });
});

it.each([
  ['start', 'start'],
  ['now', 'now'],
  ['30s', now - 30_000],
  ['5m', now - 300_000],
  ['2h', now - 7_200_000],
  ['1d', now - 86_400_000],
  ['2026-06-01T11:00:00Z', now - 3_600_000],
  ['2026-06-01T14:00:00+02:00', now],
])('begins at %s', (text, from) => {
  expect(parse(`visitors --from ${text}`).from).toBe(from);
});

it.each([
  [
    'visitors --from yesterday',
    '--from cannot be "yesterday": use start, now, 30s, 5m, 2h, 1d, or',
  ],
  ['visitors --from 5x', '--from cannot be "5x"'],
  ['visitors --from 2026-13-01', '--from cannot be "2026-13-01"'],
  ['visitors --from 2026-06-01T12:00:01Z', 'or a time that was, as in 2026-06-01T12:00Z.'],
  ['visitors --form 5m', "Unknown option '--form': npm run tail -- --help lists what there is."],
  ['visitors --from', '--help lists what there is.'],
  ['visitors --json=yes', '--help lists what there is.'],
  ['visitors --channel a/b', '--channel needs a name of letters'],
  ['--json', 'Name a topic, as in npm run tail -- visitors'],
])('refuses %s with a sentence', (line, sentence) => {
  expect(() => parse(line)).toThrow(sentence);
  expect(() => parse(line)).not.toThrow(/\n/);
});

it('asks for no topic when it only helps', () => {
  expect(parse('--help').help).toBe(true);
});

describe('names', () => {
  const parcels = stream('parcels', { key: 'parcelId' });
  const declared = new Map([['parcels', parcels]]);
  const check = (line: string) => () =>
    checkNames(parse(line), ['__consumer_offsets', 'parcels', 'by-hand'], declared);

  it('that there are', () => {
    expect(check('parcels by-hand')).not.toThrow();
    expect(check('parcels --type TimePassed')).not.toThrow();
  });

  it('of a topic that there is not', () => {
    expect(check('parcels parcel')).toThrow(
      'There is no topic "parcel": choose from by-hand, parcels.',
    );
    expect(() => checkNames(parse('parcels'), [], declared)).toThrow(
      'There is no topic "parcels": npm start creates the topics.',
    );
  });

  it('of a type that there is not, where a contract says which there are', () => {
    expect(check('parcels --type Lost')).toThrow(
      'There is no type "Lost" on parcels: choose from TimePassed.',
    );
    expect(check('by-hand parcels --type Lost')).not.toThrow();
  });
});
