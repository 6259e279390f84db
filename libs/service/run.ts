import 'reflect-metadata';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { Logger, Module } from '@nestjs/common';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestMicroservice } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { collectDefaultMetrics } from 'prom-client';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { RethrowFilter } from '#log/strategy';
import { LogWriter } from '#log/writer';
import { commonConfigOf, CONFIG, ConfigError, readConfig } from './config.ts';
import type { ProcessConfig } from './config.ts';
import { AnswerFilter } from './answer.filter.ts';
import { Drain } from './drain.ts';
import { HealthController } from './health.controller.ts';
import { healthServer } from './health-port.ts';
import { measureRequests } from './request-metrics.ts';
import { traceRequests } from './request-traces.ts';
import { LogReporter } from './log-reporter.ts';
import { ServiceLogger } from './service-logger.ts';

/** Provides the configuration and the health endpoints to every service. */
@Module({ controllers: [HealthController] })
class ProcessModule {
  static around(config: ProcessConfig, service: Type | DynamicModule): DynamicModule {
    return {
      module: ProcessModule,
      global: true,
      imports: [service],
      providers: [{ provide: CONFIG, useValue: config }],
      exports: [CONFIG],
    };
  }
}

/** Fastify plugins a service adds before it starts. */
type Extend = (app: NestFastifyApplication) => Promise<void>;

/** Largest request body, bytes; routes may allow less. */
const BODY_LIMIT = 256 * 1024;

/**
 * Makes a Nest module, or what gives one for these settings, one of our services: settings from the environment, JSON logs, health and
 * metrics, the log's transport, a graceful stop. Ends the process with one sentence and code 1 when
 * it cannot start.
 */
export async function run<S extends z.ZodRawShape>(
  service: string,
  module: Type | ((config: z.output<z.ZodObject<S>>) => DynamicModule),
  ownConfig: z.ZodObject<S>,
  extend: Extend = async () => {},
): Promise<void> {
  try {
    const config = readConfig(commonConfigOf(service), ownConfig);
    await start(service, isClass(module) ? module : module(config), config, extend);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const hint = error instanceof ConfigError ? '' : ' See the log of this service.';
    process.stderr.write(`${service} cannot start: ${reason}${hint}\n`);
    process.exit(1);
  }
}

const isClass = (module: unknown): module is Type =>
  typeof module === 'function' && module.prototype !== undefined;

async function start(
  service: string,
  module: Type | DynamicModule,
  config: ProcessConfig,
  extend: Extend,
): Promise<void> {
  const instance = config.SERVICE_INSTANCE ?? `${hostname()}-${process.pid}`;
  const logger = new ServiceLogger(service, instance, config.LOG_LEVEL);
  Logger.overrideLogger(logger);
  const adapter = new FastifyAdapter({ bodyLimit: BODY_LIMIT, forceCloseConnections: true });
  const app = await NestFactory.create<NestFastifyApplication>(
    ProcessModule.around(config, module),
    adapter,
    { logger, abortOnError: false, rawBody: true },
  );
  app.useGlobalFilters(new AnswerFilter());
  const fastify = app.getHttpAdapter().getInstance();
  const drain = new Drain(fastify);
  const health = config.HEALTH_PORT === undefined ? null : healthServer(fastify);
  measureRequests(fastify);
  const lastTraces = await startTracing(fastify, config, { service, instance });
  await extend(app);
  const strategy = app.get(HealthController).log;
  if (strategy) {
    const options = { inheritAppConfig: false, deferInitialization: true };
    const log = app.connectMicroservice({ strategy }, options) as NestMicroservice;
    log.setIsInitHookCalled(true); // The application calls these hooks; once is enough.
    log.useGlobalFilters(new RethrowFilter());
  }
  collectDefaultMetrics();
  await app.listen(config.PORT, '0.0.0.0');
  if (health) await once(health.listen(config.HEALTH_PORT, '0.0.0.0'), 'listening');
  if (strategy) await app.startAllMicroservices();
  const reporter = strategy ? new LogReporter(app.get(LogWriter), service, instance) : null;
  if (reporter) logger.onLine = (line) => reporter.report(line);
  reporter?.start(config.SERVICE_VERSION);
  logger.log(`${service} is ready on port ${config.PORT}`);
  stopGracefully(app, reporter, logger, () => drain.drain(config.DRAIN_SECONDS), lastTraces);
}

/** Resolves with what sends the last traces, if any are sent. */
async function startTracing(
  fastify: FastifyInstance,
  config: ProcessConfig,
  who: { service: string; instance: string },
): Promise<() => Promise<void>> {
  if (!config.OTEL_EXPORTER_OTLP_ENDPOINT) {
    traceRequests(fastify);
    return async () => undefined;
  }
  const { sendTraces } = await import('./telemetry.ts');
  const { SERVICE_VERSION: version, OTEL_TRACES_SAMPLER_ARG: share } = config;
  return sendTraces(fastify, { ...who, version, share });
}

/** Answers the last requests, finishes the batch under way, leaves the groups, says so on the log, and ends. */
function stopGracefully(
  app: NestFastifyApplication,
  reporter: LogReporter | null,
  logger: ServiceLogger,
  drain: () => Promise<void>,
  lastTraces: () => Promise<void>,
): void {
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await drain();
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    await reporter?.stop();
    await app.close();
    await lastTraces();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      stop().catch((error: Error) => {
        logger.error(`The stop failed: ${error.message}`);
        process.exit(1);
      });
    });
  }
}

/** A stop that takes longer is cut: whatever was not committed is done again by the next owner. */
const STOP_LIMIT_MS = 8000;
