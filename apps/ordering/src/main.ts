import { run } from '#service/run';
import { config } from './config.ts';
import { OrderingModule } from './ordering.module.ts';

await run('ordering', OrderingModule, config);
