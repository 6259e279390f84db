import { Module } from '@nestjs/common';
import { LogModule } from '#log/log.module';
import { Carts } from './carts.ts';
import { Catalogue } from './catalogue.ts';
import { database } from './database.ts';
import { LiveController } from './live.controller.ts';
import { Live } from './live.ts';
import { processors } from './processors.ts';
import { ShopController } from './shop.controller.ts';
import { StoryController } from './story.controller.ts';
import { Story } from './story.ts';
import { WebController } from './web.controller.ts';

@Module({
  imports: [
    LogModule.forService({ service: 'shop', database, processors, answersWithoutLog: true }),
  ],
  controllers: [ShopController, LiveController, StoryController, WebController],
  providers: [Catalogue, Carts, Live, Story],
})
export class ShopModule {}
