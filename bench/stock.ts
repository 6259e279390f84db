import { randomUUID } from 'node:crypto';
import { Module } from '@nestjs/common';
import type { INestMicroservice, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Transport } from '@nestjs/microservices';
import { logLevel } from 'kafkajs';

/** A controller on Nest's own Kafka transport, reading from the beginning in a group of its own. */
export async function listenAsStock(
  controller: Type,
  brokers: string[],
  run: { autoCommit?: boolean } = {},
): Promise<INestMicroservice> {
  @Module({ controllers: [controller] })
  class Service {}
  const app = await NestFactory.createMicroservice(Service, {
    transport: Transport.KAFKA,
    logger: false,
    options: {
      client: { brokers, logLevel: logLevel.NOTHING },
      consumer: { groupId: `stock-${randomUUID()}` },
      subscribe: { fromBeginning: true },
      run,
    },
  });
  await app.listen();
  return app;
}
