import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createLogTables, createStateTable, dropLogTables, dropStateTable } from '#log/tables';
import { coViewsV2 } from '../co-views.ts';
import { similarity } from '../similarity.ts';

export class V2Initial1764200000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createLogTables(queryRunner);
    await createStateTable(queryRunner, coViewsV2);
    await createStateTable(queryRunner, similarity);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropStateTable(queryRunner, similarity);
    await dropStateTable(queryRunner, coViewsV2);
    await dropLogTables(queryRunner);
  }
}
