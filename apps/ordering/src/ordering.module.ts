import { Module } from '@nestjs/common';
import { LogModule } from '#log/log.module';
import { database } from './database.ts';
import { orderProcess } from './order-process.ts';

@Module({
  imports: [LogModule.forService({ service: 'ordering', database, processors: [orderProcess] })],
})
export class OrderingModule {}
