import { affectedBy } from './watch.ts';

test('a changed service concerns itself', () => {
  const files = ['apps/shop/src/carts.js', 'apps/feedback/src/visit.js', 'apps/shop/src/main.js'];
  expect(affectedBy(files)).toEqual(['shop', 'feedback']);
});

test.each(['libs/log/topics.js', 'manifest.js'])('%s concerns everyone', (file) => {
  expect(affectedBy(['apps/shop/src/carts.js', file])).toBeNull();
});

test('tests, tools and pages concern no service', () => {
  expect(affectedBy(['test/a.test.js', 'tools/start/start.js', 'web/assets/index.js'])).toEqual([]);
});
