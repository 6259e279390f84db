import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Beside the model, what a partition knows is now who is on which release: nobody but the first, so far. */
export class Placements1764200000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      update log_positions set shared = '{"placements":{},"own":' || shared || '}'
      where group_name = 'feedback.abandonment' and shared is not null`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      update log_positions set shared = (shared::json -> 'own')::text
      where group_name = 'feedback.abandonment' and shared is not null`);
  }
}
