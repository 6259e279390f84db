import { Controller } from '@nestjs/common';
import { On } from '#log/on';
import { ProductViewed } from '#contracts/visitors';
import { Count, serve, settings } from '../serve.ts';
import { prepareTables, startService } from './service.ts';
import type { Around } from './service.ts';

/* Reads a topic with an @On method that does nothing. */

const { count, ...around } = settings<Around & { count: number }>();
await prepareTables(around);
let round = 0;

serve(async () => {
  const read = new Count(count);
  @Controller()
  class Nothing {
    @On(`bench.read-${(round += 1)}`, ProductViewed)
    view(): void {
      read.add();
    }
  }
  const app = await startService(around, { controllers: [Nothing] });
  await read.done;
  await app.close();
  return { perSecond: read.perSecond() };
});
