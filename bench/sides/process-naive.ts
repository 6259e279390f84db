import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, KafkaContext, Payload } from '@nestjs/microservices';
import { Column, DataSource, Entity, PrimaryColumn } from 'typeorm';
import { visitors } from '#contracts/visitors';
import { Count, serve, settings } from '../serve.ts';
import { listenAsStock } from '../stock.ts';

/* As one would begin: Nest's Kafka transport, one save for each message, one commit after it. */

/** It is slow, so it is given a time instead of a number. */
const ROUND_MS = 4000;

@Entity('naive_visit')
class Visit {
  @PrimaryColumn('text')
  key!: string;
  @Column('text')
  lastSku!: string;
  @Column('text')
  lastSeenAt!: string;
}

const { brokers, databaseUrl: url } = settings<{ brokers: string[]; databaseUrl: string }>();
const source = new DataSource({ type: 'postgres', url, entities: [Visit], synchronize: true });
await source.initialize();
const visits = source.getRepository(Visit);

interface View {
  subject: string;
  time: string;
  data: { sku: string };
}

serve(async () => {
  const processed = new Count(Infinity, ROUND_MS);
  @Controller()
  class Visits {
    @EventPattern(visitors.name)
    async view(@Payload() event: any, @Ctx() context: any) {
      await save(event, context);
      processed.add();
    }
  }
  const app = await listenAsStock(Visits, brokers, { autoCommit: false });
  await processed.done;
  await app.close();
  return { perSecond: processed.perSecond() };
});

async function save({ subject, time, data }: View, context: KafkaContext): Promise<void> {
  await visits.save({ key: subject, lastSku: data.sku, lastSeenAt: time });
  const offset = String(Number(context.getMessage().offset) + 1);
  const [topic, partition] = [context.getTopic(), context.getPartition()];
  await context.getConsumer().commitOffsets([{ topic, partition, offset }]);
}
