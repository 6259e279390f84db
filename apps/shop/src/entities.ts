import { Column, Entity, PrimaryColumn } from 'typeorm';

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

@Entity('shop_orders')
export class OrderRow extends ViewRow {
  @Column('text', { name: 'visitor_id' })
  visitorId!: string;
}
