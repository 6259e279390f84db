import { z } from 'zod';
import { table } from './contract.ts';
import { Money, Sku, text } from './values.ts';

/** The catalogue: each event is the whole product. */
export const products = table('products', { key: 'sku' });

export const ProductPublished = products.event(
  'ProductPublished',
  'A product as it is sold from now on.',
  { writer: 'first-facts' },
  {
    sku: Sku,
    name: text(200).min(1),
    category: text(60).min(1),
    description: text(4000),
    price: Money,
    /** File name of its picture, without folder. */
    picture: text(200).min(1),
    withdrawn: z.boolean().default(false),
  },
);
