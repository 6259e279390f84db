import { Module } from '@nestjs/common';
import { LogModule } from '#log/log.module';
import { coViews } from './co-views.ts';
import { database } from './database.ts';
import { ranking } from './ranking.ts';

@Module({
  imports: [
    LogModule.forService({ service: 'recommendations', database, processors: [coViews, ranking] }),
  ],
})
export class RecommendationsModule {}
