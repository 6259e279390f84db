import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { SelectQueryBuilder } from 'typeorm';
import { z } from 'zod';
import { stateTable } from '#log/tables';
import { recommendationViews } from './catalogue-views.ts';
import type { Product } from './catalogue-views.ts';
import { ProductRow, StockRow } from './entities.ts';
import { Releases } from './releases.ts';

const cents = z.coerce.number().int().min(0).max(100_000_000);
/** The query of the catalogue page. */
export const ProductQuery = z.object({
  q: z.string().max(200).default(''),
  category: z.string().max(60).optional(),
  minCents: cents.optional(),
  maxCents: cents.optional(),
  sort: z.enum(['relevance', 'price', '-price', 'name']).default('relevance'),
  page: z.coerce.number().int().min(1).max(1000).default(1),
});
export type ProductQuery = z.output<typeof ProductQuery>;

export const PAGE_SIZE = 24;
const MAX_POPULAR = 12;

/** What is for sale: reads of the product, stock and recommendation views. */
@Injectable()
export class Catalogue {
  constructor(
    private readonly dataSource: DataSource,
    private readonly releases: Releases,
  ) {}

  async search(query: ProductQuery) {
    const found = this.matching(query);
    const [sortBy, direction] = SORTS[query.sort];
    const page = found
      .clone()
      .orderBy(sortBy, direction)
      .addOrderBy('product.key')
      .offset((query.page - 1) * PAGE_SIZE)
      .limit(PAGE_SIZE);
    const categories = this.matching({ ...query, category: undefined })
      .select('category', 'name')
      .addSelect('count(*)::int', 'count')
      .addSelect("(array_agg(state::json ->> 'picture' order by product.key))[1]", 'picture')
      .groupBy('category')
      .orderBy('category')
      .getRawMany<{ name: string; count: number; picture: string }>();
    const all = await Promise.all([cardsOf(page), found.getCount(), categories]);
    const [products, total, counted] = all;
    return {
      products,
      total,
      page: query.page,
      pageSize: PAGE_SIZE,
      categories: counted.map((each) => ({ ...each, picture: addressOf(each.picture) })),
    };
  }

  /** The product, with what the visitor's release of the recommendations says goes with it. */
  async product(sku: string, visitorId: string) {
    const [product, release] = await Promise.all([
      this.forSale(sku),
      this.releases.of('recommendations', visitorId),
    ]);
    if (!product) return null;
    const ranked: (Row & { reason: string; count: number })[] = await this.dataSource.query(
      `select product.state, on_hand, ranked ->> 'reason' as reason, (ranked -> 'count')::text::int as count
       from ${tableOf(release)} said,
         json_array_elements(said.state::json -> 'ranked') with ordinality as each(ranked, place)
       join shop_products product on product.key = ranked ->> 'sku'
       left join shop_stock stock on stock.key = product.key
       where said.key = $1 and not withdrawn order by place`,
      [sku],
    );
    const alsoLookedAt = ranked.map(({ reason, count, ...row }) => {
      return { ...card(inStock(row)), reason, count };
    });
    return { ...card(product), description: product.description, alsoLookedAt, release };
  }

  /** What is looked at most; in a shop that few have been in, also some of what there is besides. */
  async popular(visitorId: string) {
    const release = await this.releases.of('recommendations', visitorId);
    const rows: (Row & { popularity: number })[] = await this.dataSource.query(
      `with most as (
         select key, popularity, (state::json ->> 'popularity')::float8 as views
         from ${tableOf(release)} order by popularity desc, key limit $1),
       besides as (select key from shop_products where not withdrawn order by key limit $1)
       select product.state, on_hand, coalesce(views, 0) as popularity
       from (select key from most union select key from besides) each
       join shop_products product using (key)
       left join shop_stock stock using (key)
       left join most using (key)
       where not withdrawn order by most.popularity desc nulls last, key limit $1`,
      [MAX_POPULAR],
    );
    const products = rows.map(({ popularity, ...row }) => ({ ...card(inStock(row)), popularity }));
    return { products, release };
  }

  private async forSale(sku: string): Promise<InStock | null> {
    const [row]: Row[] = await this.dataSource.query(
      `select product.state, on_hand from shop_products product
       left join shop_stock stock using (key) where key = $1 and not withdrawn`,
      [sku],
    );
    return row ? inStock(row) : null;
  }

  private matching({ q, category, minCents, maxCents }: ProductQuery) {
    const query = this.dataSource
      .getRepository(ProductRow)
      .createQueryBuilder('product')
      .where('not withdrawn');
    q.toLowerCase()
      .split(/\s+/)
      .filter(Boolean)
      .slice(0, 10)
      .forEach((word, i) => {
        query.andWhere(`strpos(words, :word${i}) > 0`, { [`word${i}`]: word });
      });
    if (category) query.andWhere('category = :category', { category });
    if (minCents !== undefined) query.andWhere('cents >= :minCents', { minCents });
    if (maxCents !== undefined) query.andWhere('cents <= :maxCents', { maxCents });
    const [first] = q.toLowerCase().split(/\s+/);
    return query.setParameter('first', first ?? '');
  }
}

/** A product, and how many of it there are. */
type InStock = Product & { available: number };

interface Row {
  state: string;
  /** Missing while nothing of it was ever delivered. */
  on_hand: string | null;
}

function inStock({ state, on_hand }: Row): InStock {
  return { ...(JSON.parse(state) as Product), available: Number(on_hand ?? 0) };
}

/** What a page shows of a product among others. */
function card({ sku, name, category, price, picture, available }: InStock) {
  return { sku, name, category, price, picture: addressOf(picture), available };
}

async function cardsOf(products: SelectQueryBuilder<ProductRow>) {
  const rows = await products
    .leftJoin(StockRow, 'stock', 'stock.key = product.key')
    .select('product.state', 'state')
    .addSelect('stock.on_hand', 'on_hand')
    .getRawMany<Row>();
  return rows.map(inStock).map(card);
}

/** A word in the name is worth more than one in the text. */
const SORTS = {
  relevance: ['strpos(lower(product.name), :first) = 0', 'ASC'],
  price: ['product.cents', 'ASC'],
  '-price': ['product.cents', 'DESC'],
  name: ['product.name', 'ASC'],
} as const;

/** What a release of the recommendations says. */
function tableOf(release: string): string {
  return stateTable(recommendationViews[release]!);
}

/** Where the browser finds a picture. */
export function addressOf(picture: string): string {
  return `/pictures/${picture}`;
}
