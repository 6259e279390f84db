import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createLogTables, createStateTable, dropLogTables, dropStateTable } from '#log/tables';
import { productView, recommendationView, stockView } from '../catalogue-views.ts';
import { couponReturns } from '../coupon-returns.ts';
import { offers } from '../offers.ts';
import { orderView } from '../order-view.ts';

/** Those of that day: a processor that came later has a migration of its own. */
const processors = [productView, stockView, recommendationView, offers, orderView, couponReturns];

export class Initial1764000000000 implements MigrationInterface {
  name = 'Initial1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await createLogTables(runner);
    for (const processor of processors) await createStateTable(runner, processor);
    await runner.query(`
      create table shop_carts (visitor_id text primary key, state text not null);
      create table shop_submitted_orders (order_id text primary key, visitor_id text not null);
      create index shop_orders_of_visitor on shop_orders (visitor_id, submitted_at desc);
      create index shop_popular on shop_recommendations (popularity desc);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table shop_carts, shop_submitted_orders');
    for (const processor of processors) await dropStateTable(runner, processor);
    await dropLogTables(runner);
  }
}
