import { Module } from '@nestjs/common';
import { LogModule } from '#log/log.module';
import { Carts } from './carts.ts';
import { Catalogue } from './catalogue.ts';
import { database } from './database.ts';
import { LiveController } from './live.controller.ts';
import { Live } from './live.ts';
import { ofLaterReleases, processors } from './processors.ts';
import { Releases } from './releases.ts';
import { ShopController } from './shop.controller.ts';
import { StoryController } from './story.controller.ts';
import { Story } from './story.ts';
import { WebController } from './web.controller.ts';

@Module({
  imports: [
    LogModule.forService({
      service: 'shop',
      database,
      processors: [...processors, ...ofLaterReleases],
      answersWithoutLog: true,
    }),
  ],
  controllers: [ShopController, LiveController, StoryController, WebController],
  providers: [Releases, Catalogue, Carts, Live, Story],
})
export class ShopModule {}
