import { randomUUID } from 'node:crypto';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Transport } from '@nestjs/microservices';
import { logLevel } from 'kafkajs';
import { visitors } from '#contracts/visitors';
import { Count, serve, settings } from '../serve.ts';

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
  @Module({ controllers: [Nothing] })
  class Service {}
  const app = await NestFactory.createMicroservice(Service, {
    transport: Transport.KAFKA,
    logger: false,
    options: {
      client: { brokers, logLevel: logLevel.NOTHING },
      consumer: { groupId: `nest-${randomUUID()}` },
      subscribe: { fromBeginning: true },
    },
  });
  await app.listen();
  await read.done;
  await app.close();
  return { perSecond: read.perSecond() };
});
