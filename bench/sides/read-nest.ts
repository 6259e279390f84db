import { Controller } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { visitors } from '#contracts/visitors';
import { Count, serve, settings } from '../serve.ts';
import { listenAsStock } from '../stock.ts';

/* Reads a topic through Nest's own Kafka transport, as it comes. */

const { brokers, count } = settings<{ brokers: string[]; count: number }>();

serve(async () => {
  const read = new Count(count);
  @Controller()
  class Nothing {
    @EventPattern(visitors.name)
    view(_event: object): void {
      read.add();
    }
  }
  const app = await listenAsStock(Nothing, brokers);
  await read.done;
  await app.close();
  return { perSecond: read.perSecond() };
});
