import { run } from '#service/run';
import { config } from './config.ts';
import { ShopModule } from './shop.module.ts';
import { sendFiles } from './web.controller.ts';

await run('shop', ShopModule, config, sendFiles);
