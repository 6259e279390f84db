import { Module } from '@nestjs/common';
import { LogModule } from '#log/log.module';
import { CollectorController } from './collector.controller.ts';
import { TagController } from './tag.controller.ts';

@Module({
  imports: [LogModule.forService({ service: 'collector' })],
  controllers: [CollectorController, TagController],
})
export class CollectorModule {}
