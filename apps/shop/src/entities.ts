import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A visitor's cart; `state` is the JSON text of `Cart`. */
@Entity('shop_carts')
export class CartRow {
  @PrimaryColumn('text', { name: 'visitor_id' })
  visitorId!: string;

  @Column('text')
  state!: string;
}

/** Order ids that were checked out, so that sent twice is one order. */
@Entity('shop_submitted_orders')
export class SubmittedOrder {
  @PrimaryColumn('text', { name: 'order_id' })
  orderId!: string;

  @Column('text', { name: 'visitor_id' })
  visitorId!: string;
}

/** What every view row has; written by the processors, only read here. */
abstract class ViewRow {
  @PrimaryColumn('text')
  key!: string;

  /** JSON text; null while only hit numbers are known of the key. */
  @Column('text', { nullable: true })
  state!: string | null;
}

@Entity('shop_products')
export class ProductRow extends ViewRow {
  @Column('text')
  category!: string;

  @Column('text')
  name!: string;

  @Column('bigint')
  cents!: string;

  @Column('text')
  words!: string;

  @Column('boolean')
  withdrawn!: boolean;
}

@Entity('shop_stock')
export class StockRow extends ViewRow {
  @Column('bigint', { name: 'on_hand' })
  onHand!: string;
}

abstract class RecommendationColumns extends ViewRow {
  @Column('bigint')
  popularity!: string;
}

@Entity('shop_recommendations')
export class RecommendationRow extends RecommendationColumns {}

@Entity('shop_recommendations_v2')
export class RecommendationRowV2 extends RecommendationColumns {}

/** What each release of the recommendations said. */
export const recommendationRows: Record<string, typeof RecommendationRow> = {
  v1: RecommendationRow,
  v2: RecommendationRowV2,
};

@Entity('shop_orders')
export class OrderRow extends ViewRow {
  @Column('text', { name: 'visitor_id' })
  visitorId!: string;
}
