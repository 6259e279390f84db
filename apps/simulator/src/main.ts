import { run } from '#service/run';
import { config } from './config.ts';
import { SimulatorModule } from './simulator.module.ts';

await run('simulator', SimulatorModule, config);
