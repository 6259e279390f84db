import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { LogModule } from '#log/log.module';
import { databases } from './database.ts';
import { releases } from './releases.ts';

@Module({})
export class RecommendationsModule {
  static ofRelease(release: string): DynamicModule {
    const [database, processors] = [databases[release]!, releases[release]!];
    const log = LogModule.forService({ service: 'recommendations', database, processors });
    return { module: RecommendationsModule, imports: [log] };
  }
}
