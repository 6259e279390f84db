import { ProductPublished } from '#contracts/products';
import { RecommendationsChanged } from '#contracts/recommendations';
import { StockLevelChanged } from '#contracts/stock';
import { scenario } from '#testing/scenario';
import { productView, recommendationView, stockView } from './catalogue-views.ts';

const mug = {
  sku: 'MUG',
  name: 'Blue Mug',
  category: 'Kitchen',
  description: 'Holds TEA.',
  price: { cents: 1250, currency: 'EUR' as const },
  picture: 'mug.webp',
};

const columnsOf = <S>(
  { columns }: { columns: Record<string, { of(state: S): unknown }> },
  state: S,
) => Object.fromEntries(Object.entries(columns).map(([name, { of }]) => [name, of(state)]));

it('shows the product as it was published last, sold unless withdrawn', () => {
  scenario(productView)
    .when(ProductPublished(mug))
    .expectState('MUG', { ...mug, withdrawn: false })
    .when(ProductPublished({ ...mug, name: 'Red Mug', withdrawn: true }))
    .expectState('MUG', { ...mug, name: 'Red Mug', withdrawn: true });
});

it('finds a product by the words of name, category and text, in small letters', () => {
  expect(columnsOf(productView, { ...mug, withdrawn: false })).toEqual({
    category: 'Kitchen',
    name: 'Blue Mug',
    cents: 1250,
    words: 'blue mug kitchen holds tea.',
    withdrawn: false,
  });
});

it('shows the stock as it is now', () => {
  const level = { sku: 'MUG', onHand: 3, reserved: 1 };
  scenario(stockView)
    .given(StockLevelChanged({ ...level, onHand: 9 }))
    .when(StockLevelChanged(level))
    .expectState('MUG', level);
  expect(columnsOf(stockView, level)).toEqual({ on_hand: 3 });
});

it('sorts by popularity, to the thousandth', () => {
  const changed = { sku: 'MUG', ranked: [], popularity: 1.23456, version: '1' };
  scenario(recommendationView).when(RecommendationsChanged(changed)).expectState('MUG', changed);
  expect(columnsOf(recommendationView, changed)).toEqual({ popularity: 1235 });
});
