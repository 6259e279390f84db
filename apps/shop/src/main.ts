import { run } from '#service/run';
import { config } from './config.ts';
import { ShopModule } from './shop.module.ts';

await run('shop', ShopModule, config);
