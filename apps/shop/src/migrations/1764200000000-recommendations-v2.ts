import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createStateTable, dropStateTable } from '#log/tables';
import { recommendationViewV2 } from '../catalogue-views.ts';

/** What the second release of the recommendations says; empty until it runs. */
export class RecommendationsV21764200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createStateTable(runner, recommendationViewV2);
    await runner.query('create index shop_popular_v2 on shop_recommendations_v2 (popularity desc)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropStateTable(runner, recommendationViewV2);
  }
}
