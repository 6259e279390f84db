import { Dice } from './dice.ts';

/** A product, as far as somebody who plans a visit knows it. */
export interface Wish {
  readonly sku: string;
  readonly name: string;
}

/** Products that one and the same person is interested in. */
export type Taste = readonly Wish[];

/**
 * The planted tastes: what the recommendations should find out, though nothing in the catalogue
 * says it (a taste runs across categories).
 */
const planted = {
  'a first night under canvas': 'CAMP-001 CAMP-002 CAMP-003 CAMP-004 CAMP-005 CAMP-006',
  'a day on the water': 'RIVR-001 RIVR-002 RIVR-003 RIVR-004 RIVR-005 RIVR-006',
  'the patient angler': 'RIVR-007 RIVR-008 RIVR-009 RIVR-010 RIVR-011 RIVR-012',
  'the bathing spot': 'RIVR-013 RIVR-014 RIVR-015 RIVR-016 WEAR-001 RIVR-017',
  'the slow breakfast': 'KITC-001 KITC-002 PANT-001 PANT-002 PANT-003 KITC-003',
  'tea and a rainy window': 'KITC-004 KITC-005 PANT-004 PANT-005 PANT-006 KITC-006',
  'supper for friends': 'KITC-007 KITC-008 KITC-009 KITC-010 PANT-007 KITC-011',
  'the long winter evening': 'KITC-012 PANT-008 PANT-009 WEAR-002 WEAR-003 GAME-001',
  'a wild corner': 'GARD-001 GARD-002 GARD-003 GARD-004 GARD-005 GARD-006',
  'the kitchen bed': 'GARD-007 GARD-008 GARD-009 GARD-010 GARD-011 GARD-012',
  'the balcony in bloom': 'GARD-013 GARD-014 GARD-015 GARD-016 GARD-017 GARD-018',
  'game night': 'GAME-002 GAME-003 GAME-004 GAME-005 GAME-006 GAME-007',
  'an afternoon on the meadow': 'GAME-008 GAME-009 GAME-010 GAME-011 GAME-012 HOME-001',
  'the porch band': 'MUSC-001 MUSC-002 MUSC-003 MUSC-004 MUSC-005 MUSC-006',
  'quiet practice': 'MUSC-007 MUSC-008 MUSC-009 MUSC-010 MUSC-011 MUSC-012',
  'mending things': 'TOOL-001 TOOL-002 TOOL-003 TOOL-004 TOOL-005 TOOL-006',
  'needle and thread': 'CRFT-001 CRFT-002 CRFT-003 CRFT-004 CRFT-005 CRFT-006',
  'sketching by the river': 'CRFT-007 CRFT-008 CRFT-009 CRFT-010 CRFT-011 CRFT-012',
  'a long walk': 'WEAR-004 CAMP-007 CAMP-008 CAMP-009 CAMP-010 WEAR-005',
  weatherproof: 'WEAR-006 WEAR-007 WEAR-008 WEAR-009 HOME-002 WEAR-010',
  'looking up': 'STAR-001 STAR-002 STAR-003 BOOK-001 STAR-004 STAR-005',
  'rainy-day children': 'GAME-013 GAME-014 GAME-015 GAME-016 GAME-017 GAME-018',
  'spring cleaning': 'HOME-003 HOME-004 HOME-005 HOME-006 HOME-007 HOME-008',
  'a quiet night': 'HOME-009 HOME-010 HOME-011 BOOK-002 BOOK-003 HOME-012',
  'the armchair naturalist': 'BOOK-004 BOOK-005 BOOK-006 BOOK-007 TOOL-007 BOOK-008',
};

const GROUP = 6;

/** The tastes for what the shop sells; products that nobody planted are grouped as they come. */
export function tastesFor(products: readonly Wish[]): Taste[] {
  const bySku = new Map(products.map((product) => [product.sku, product]));
  const known = Object.values(planted).map((skus) =>
    skus.split(' ').flatMap((sku) => bySku.get(sku) ?? []),
  );
  const named = new Set(known.flat().map(({ sku }) => sku));
  const others = products.filter(({ sku }) => !named.has(sku));
  const groups = Array.from({ length: Math.ceil(others.length / GROUP) }, (_, index) =>
    others.slice(index * GROUP, (index + 1) * GROUP),
  );
  return [...known, ...groups].filter((taste) => taste.length > 0);
}

/** The taste of a person, the same at every visit; some tastes are far more common than others. */
export function tasteOf(seed: string, visitor: number, tastes: readonly Taste[]): Taste {
  const dice = new Dice(seed, 'taste', visitor);
  // The square of an even share falls into the lower ranks: the first quarter gets half.
  return tastes[Math.floor(dice.share() ** 2 * tastes.length)]!;
}
