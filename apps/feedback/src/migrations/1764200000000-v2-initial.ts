import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createLogTables, createStateTable, dropLogTables, dropStateTable } from '#log/tables';
import { abandonmentV2 } from '../v2.ts';

export class V2Initial1764200000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createLogTables(queryRunner);
    await createStateTable(queryRunner, abandonmentV2);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropStateTable(queryRunner, abandonmentV2);
    await dropLogTables(queryRunner);
  }
}
