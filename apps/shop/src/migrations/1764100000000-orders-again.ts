import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Orders show what their coupon took off: the view is read again, from the beginning of the log. */
export class OrdersAgain1764100000000 implements MigrationInterface {
  name = 'OrdersAgain1764100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      truncate shop_orders;
      delete from log_seen where group_name = 'shop.orders';
      delete from log_positions where group_name = 'shop.orders';
    `);
  }

  /** The view of before cannot read what is there now either. */
  down(runner: QueryRunner): Promise<void> {
    return this.up(runner);
  }
}
