import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createLogTables, createStateTable, dropLogTables, dropStateTable } from '#log/tables';
import { stockLevel } from '../stock-level.ts';

export class Initial1764000000000 implements MigrationInterface {
  readonly name = 'Initial1764000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await createLogTables(queryRunner);
    await createStateTable(queryRunner, stockLevel);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropStateTable(queryRunner, stockLevel);
    await dropLogTables(queryRunner);
  }
}
