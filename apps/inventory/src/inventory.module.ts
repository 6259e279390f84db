import { Module } from '@nestjs/common';
import { LogModule } from '#log/log.module';
import { database } from './database.ts';
import { stockLevel } from './stock-level.ts';

@Module({
  imports: [LogModule.forService({ service: 'inventory', database, processors: [stockLevel] })],
})
export class InventoryModule {}
