import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createLogTables, createStateTable, dropLogTables, dropStateTable } from '#log/tables';
import { coViews } from '../co-views.ts';
import { ranking } from '../ranking.ts';

export class Initial1764000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createLogTables(queryRunner);
    await createStateTable(queryRunner, coViews);
    await createStateTable(queryRunner, ranking);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropStateTable(queryRunner, ranking);
    await dropStateTable(queryRunner, coViews);
    await dropLogTables(queryRunner);
  }
}
