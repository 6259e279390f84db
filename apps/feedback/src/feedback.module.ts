import { Module } from '@nestjs/common';
import { LogModule } from '#log/log.module';
import { abandonment } from './abandonment.ts';
import { database } from './database.ts';

@Module({
  imports: [LogModule.forService({ service: 'feedback', database, processors: [abandonment] })],
})
export class FeedbackModule {}
