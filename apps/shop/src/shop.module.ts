import { Module } from '@nestjs/common';
import { LogModule } from '#log/log.module';
import { Carts } from './carts.ts';
import { Catalogue } from './catalogue.ts';
import { database } from './database.ts';
import { LiveController } from './live.controller.ts';
import { Live } from './live.ts';
import { processors } from './processors.ts';
import { ShopController } from './shop.controller.ts';
import { WebController } from './web.controller.ts';

@Module({
  imports: [
    LogModule.forService({ service: 'shop', database, processors, answersWithoutLog: true }),
  ],
  controllers: [ShopController, LiveController, WebController],
  providers: [Catalogue, Carts, Live],
})
export class ShopModule {}
