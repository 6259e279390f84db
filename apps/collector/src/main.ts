import { run } from '#service/run';
import { CollectorModule } from './collector.module.ts';
import { config } from './config.ts';
import { openDoor } from './open-door.ts';

await run('collector', CollectorModule, config, openDoor);
