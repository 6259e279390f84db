import { z } from 'zod';
import { Sku, text } from '#contracts/values';
import entries from './catalog.json' with { type: 'json' };

const CatalogEntry = z.object({
  sku: Sku,
  name: text(200).min(1),
  category: text(60).min(1),
  description: text(4000).min(1),
  priceCents: z.int().positive(),
  /** A file of @lobehub/fluent-emoji-3d, without folder. */
  picture: text(200).min(1),
  supplier: text(100).min(1),
  /** Pieces in the house on the first day. */
  firstStock: z.int().positive(),
});
export type CatalogEntry = z.output<typeof CatalogEntry>;

/** What Streamside sells on its first day. */
export const catalog: readonly CatalogEntry[] = z.array(CatalogEntry).parse(entries);
