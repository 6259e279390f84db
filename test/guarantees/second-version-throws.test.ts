import { randomUUID } from 'node:crypto';
import { ExitIntended, ItemAddedToCart, ProductViewed, visitors } from '#contracts/visitors';
import { connectKafka } from '#log/kafka';
import { silent } from '#log/log-sink';
import { createTopics } from '#log/topics';
import { abandonmentBy } from '../../apps/feedback/src/abandonment.ts';
import { recipe } from '../../apps/feedback/src/v1.ts';
import { refusedBy } from '../../tools/versions/refused.ts';
import {
  append,
  brokers,
  isAtEnd,
  ownDatabase,
  readAll,
  runProcessors,
  statesOf,
  surroundings,
  until,
} from '../log-harness.ts';

/** Looked at long before anybody thought of a second version. */
const OLD_SKU = 'GONE-001';
/** Groups of this test alone: others read this topic too. */
const suffix = randomUUID().slice(0, 8);

it('says where a second version throws on an old event, and leaves the first as it was', async () => {
  await createTopics(brokers);
  const first = abandonmentBy({ ...recipe, name: `feedback.test-${suffix}` });
  const name = `feedback.test-${suffix}.v2`;
  const second = abandonmentBy({ ...recipe, name, release: 'v2', follow: followOrThrow });
  const source = await ownDatabase([first, second]);
  const atEnd = (group: string) =>
    until(`${group} at the end`, () => isAtEnd(source, group, visitors.name));
  const [well, unlucky] = [randomUUID(), randomUUID()];
  await append('collector', [ProductViewed({ ...hit(well, 1), sku: 'NICE-001' })]);
  await append('collector', [ProductViewed({ ...hit(unlucky, 1), sku: OLD_SKU })]);
  await append('shop', [well, unlucky].map(added));

  const around = await surroundings(source, 'feedback');
  const stopFirst = await runProcessors(around, [first]);
  await atEnd(first.name);
  const before = await statesOf(source, first);
  await stopFirst();

  const stop = await runProcessors(await surroundings(source, 'feedback'), [first, second]);
  try {
    await atEnd(second.name);
    const client = connectKafka(brokers, 'throws-test', silent);
    const refused = await until('it is on the bad track', async () => {
      const lines = await refusedBy(client, { application: 'feedback', release: 'v2' });
      const own = lines.filter((line) => line.includes(name));
      return own.length > 0 && own;
    });
    const viewed = (await readAll(visitors.name)).find(({ value }) => value?.includes(OLD_SKU))!;
    const place = `visitors-${viewed.partition}/${viewed.offset}`;
    expect(refused).toEqual([`  ${name} refused ${place} (ProductViewed): it knew ${OLD_SKU}`]);

    // The first has the same of everybody, and goes on; so does the second with all the rest.
    expect(await statesOf(source, first)).toEqual(before);
    await append(
      'collector',
      [well, unlucky].map((who) => ExitIntended(hit(who, 2))),
    );
    await atEnd(first.name);
    await atEnd(second.name);
    const bothOf = async (visitorId: string) => [
      (await statesOf(source, first)).get(visitorId)?.exitIntent,
      (await statesOf(source, second)).get(visitorId)?.exitIntent,
    ];
    expect([await bothOf(well), await bothOf(unlucky)]).toEqual([
      [true, true],
      [true, true],
    ]);
  } finally {
    await stop();
    await source.destroy();
  }
});

const hit = (visitorId: string, number: number) => ({
  ...{ visitorId, sessionId: 's', tab: 't', hit: number, site: 'shop', url: '/' },
});

const added = (visitorId: string) =>
  ItemAddedToCart({
    ...{ visitorId, sku: 'NICE-001', quantity: 1 },
    unitPrice: { cents: 4900, currency: 'EUR' },
  });

const followOrThrow: typeof recipe.follow = (visit, event) => {
  if (event.type === ProductViewed.type && event.data.sku === OLD_SKU) {
    throw new Error(`it knew ${OLD_SKU}`);
  }
  return recipe.follow(visit, event);
};
