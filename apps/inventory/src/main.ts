import { run } from '#service/run';
import { config } from './config.ts';
import { InventoryModule } from './inventory.module.ts';

await run('inventory', InventoryModule, config);
