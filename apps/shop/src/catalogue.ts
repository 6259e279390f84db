import { Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { z } from 'zod';
import type { Product, Recommendation } from './catalogue-views.ts';
import { ProductRow, recommendationRows, StockRow } from './entities.ts';
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
    const categories = await this.matching({ ...query, category: undefined })
      .select('category', 'name')
      .addSelect('count(*)::int', 'count')
      .addSelect("(array_agg(state::json ->> 'picture' order by product.key))[1]", 'picture')
      .groupBy('category')
      .orderBy('category')
      .getRawMany<{ name: string; count: number; picture: string }>();
    const [sortBy, direction] = SORTS[query.sort];
    const total = await found.getCount();
    const rows = await found
      .orderBy(sortBy, direction)
      .addOrderBy('product.key')
      .offset((query.page - 1) * PAGE_SIZE)
      .limit(PAGE_SIZE)
      .getMany();
    const products = await this.cards(rows.map(parse<Product>));
    return {
      products,
      total,
      page: query.page,
      pageSize: PAGE_SIZE,
      categories: categories.map((each) => ({ ...each, picture: addressOf(each.picture) })),
    };
  }

  /** The product, with what the visitor's release of the recommendations says goes with it. */
  async product(sku: string, visitorId: string) {
    const [product] = await this.bySku([sku]);
    if (!product) return null;
    const release = await this.releases.of('recommendations', visitorId);
    const row = await this.recommendations(release).findOneBy({ key: sku });
    const ranked = row ? parse<Recommendation>(row).ranked : [];
    const others = await this.cards(await this.bySku(ranked.map((r) => r.sku)));
    const alsoLookedAt = ranked.flatMap(({ sku: other, reason, count }) => {
      const card = others.find((o) => o.sku === other);
      return card ? [{ ...card, reason, count }] : [];
    });
    const [card] = await this.cards([product]);
    return { ...card!, description: product.description, alsoLookedAt, release };
  }

  /** What is looked at most; in a shop that few have been in, also some of what there is besides. */
  async popular(visitorId: string) {
    const release = await this.releases.of('recommendations', visitorId);
    const rows = await this.recommendations(release).find({
      order: { popularity: 'DESC', key: 'ASC' },
      take: MAX_POPULAR,
    });
    const popularity = new Map(
      rows.map((row) => [row.key, parse<Recommendation>(row).popularity] as const),
    );
    const first = await this.matching(ProductQuery.parse({}))
      .orderBy('product.key')
      .limit(MAX_POPULAR)
      .getMany();
    const skus = [...new Set([...rows, ...first].map(({ key }) => key))];
    const cards = await this.cards(await this.bySku(skus));
    const products = skus.flatMap((sku) => {
      const card = cards.find((each) => each.sku === sku);
      return card ? [{ ...card, popularity: popularity.get(sku) ?? 0 }] : [];
    });
    return { products: products.slice(0, MAX_POPULAR), release };
  }

  /** The products of these SKUs that are for sale, in any order. */
  async bySku(skus: readonly string[]): Promise<Product[]> {
    if (skus.length === 0) return [];
    const rows: { state: string }[] = await this.dataSource.query(
      'select state from shop_products where key = any($1) and not withdrawn',
      [skus],
    );
    return rows.map(parse<Product>);
  }

  private recommendations(release: string) {
    return this.dataSource.getRepository(recommendationRows[release]!);
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

  private async cards(products: readonly Product[]) {
    const keys = products.map(({ sku }) => sku);
    const stock = await this.dataSource.getRepository(StockRow).findBy({ key: In(keys) });
    const onHand = new Map(stock.map((row) => [row.key, Number(row.onHand)]));
    return products.map(({ sku, name, category, price, picture }) => ({
      sku,
      name,
      category,
      price,
      picture: addressOf(picture),
      available: onHand.get(sku) ?? 0,
    }));
  }
}

/** A word in the name is worth more than one in the text. */
const SORTS = {
  relevance: ['strpos(lower(product.name), :first) = 0', 'ASC'],
  price: ['product.cents', 'ASC'],
  '-price': ['product.cents', 'DESC'],
  name: ['product.name', 'ASC'],
} as const;

/** Where the browser finds a picture. */
function addressOf(picture: string): string {
  return `/pictures/${picture}`;
}

function parse<T>({ state }: { state: string | null }): T {
  return JSON.parse(state!) as T;
}
