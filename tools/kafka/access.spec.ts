import { topics } from '#contracts/all';
import type { Grant } from '#log/access';
import { services } from '../../manifest.ts';
import { grantsOf, toolGrants } from './access.ts';

const of = (service: string) =>
  grantsOf(
    services.find(({ name }) => name === service)!,
    topics(),
  ).map(said);
const said = ({ may, on, name }: Grant) => `${may} ${on} ${name}`;

it('lets a service read what it declares, and write where an event type or a timer is its own', () => {
  expect(of('recommendations').toSorted()).toEqual([
    'delete groups tail.',
    'describe-configs topic affinities.v1',
    'describe-configs topic affinities.v2',
    'describe-configs topic visitors',
    'read groups recommendations.',
    'read groups tail.',
    'read topic affinities.v1',
    'read topic affinities.v2',
    'read topic visitors',
    'write topic affinities.v1',
    'write topic affinities.v1.bad',
    'write topic affinities.v2',
    'write topic affinities.v2.bad',
    'write topic recommendations.v1',
    'write topic recommendations.v1.bad',
    'write topic recommendations.v2',
    'write topic recommendations.v2.bad',
    'write topic systems',
    'write topic systems.bad',
    'write topic visitors', // It has timers there, and no event type.
    'write topic visitors.bad',
  ]);
});

it.each([
  ['orders', ['inventory', 'ordering', 'shop']],
  ['stock', ['collector', 'ordering']],
  ['stock-levels', ['inventory']],
  ['products', []],
  ['visitors', ['collector', 'feedback', 'recommendations', 'shop']],
])('%s is written by %j alone', (topic, writers) => {
  const may = services.filter(({ name }) => of(name).includes(`write topic ${topic}`));
  expect(may.map(({ name }) => name).toSorted()).toEqual(writers);
});

it('grants no group to who reads nothing, and nothing to who is not on the log', () => {
  expect(of('collector').filter((grant) => !grant.startsWith('write topic '))).toEqual([]);
  expect(of('simulator')).toEqual([]);
});

it('refuses a manifest that names a topic nobody declares', () => {
  expect(() => grantsOf({ ...services[0]!, name: 'shop', reads: ['parcels'] }, topics())).toThrow(
    'shop reads parcels in manifest.ts, which no contract declares.',
  );
});

it('lets who watches write nothing, and who decides about bad events write no table', () => {
  const writes = (who: string) =>
    toolGrants(topics()).filter(({ user, may }) => user === who && may === 'write');
  expect(writes('tail')).toEqual([]);
  const names = writes('operator').map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['orders', 'orders.bad', 'products.bad']));
  expect(names).not.toContain('products');
});
