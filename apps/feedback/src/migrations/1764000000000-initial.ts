import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createLogTables, createStateTable, dropLogTables, dropStateTable } from '#log/tables';
import { abandonment } from '../v1.ts';

export class Initial1764000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createLogTables(queryRunner);
    await createStateTable(queryRunner, abandonment);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropStateTable(queryRunner, abandonment);
    await dropLogTables(queryRunner);
  }
}
