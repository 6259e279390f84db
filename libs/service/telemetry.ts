import { Logger } from '@nestjs/common';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  RandomIdGenerator,
  TracerProvider,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { onHop } from '#log/hops';
import type { Hop } from '#log/hops';
import type { TraceContext } from '#log/trace';
import { Trouble } from '#log/trouble';
import { within } from '#log/within';
import { isStream } from './drain.ts';
import { HEALTH_ROUTES } from './health-port.ts';
import { callerOf, traceparentOf, traceRequests } from './request-traces.ts';

/*
 * OpenTelemetry: a span for each request, and one for each event that follows from it, in the consumer
 * group that does it. Only a process that sends traces loads this file, and the SDK with it.
 */

const SEND_EVERY_MS = 1000;
/** A stop does not wait longer for a receiver that does not answer. */
const LAST_SEND_LIMIT_MS = 1000;

export interface Sender {
  service: string;
  instance: string;
  version: string;
  /** Of the traces that begin here, this share is sent. */
  share: number;
}

/**
 * Sends spans to OTEL_EXPORTER_OTLP_ENDPOINT from now on; call it before the first request. Resolves,
 * when the result is called, once the last of them are sent.
 */
export function sendTraces(fastify: FastifyInstance, sender: Sender): () => Promise<void> {
  const ids = new KnownIds();
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.namespace': 'streamside',
      'service.name': sender.service,
      'service.instance.id': sender.instance,
      'service.version': sender.version,
    }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sender.share) }),
    idGenerator: ids,
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: saying(new OTLPTraceExporter()),
        scheduledDelayMillis: SEND_EVERY_MS,
      }),
    ],
  });
  const tracer = provider.getTracer('streamside');
  spanRequests(fastify, tracer);
  onHop((hop) => ids.as(hop.spanId, () => traceHop(hop, tracer)));
  return () => within(LAST_SEND_LIMIT_MS, provider.shutdown()).catch(() => undefined);
}

/** Random ids, but for spans whose id is known before. */
class KnownIds extends RandomIdGenerator {
  private known: string | undefined;

  constructor() {
    super();
    const random = this.generateSpanId;
    this.generateSpanId = () => this.known ?? random();
  }

  as(spanId: string, start: () => void): void {
    this.known = spanId;
    start();
    this.known = undefined;
  }
}

function traceHop(hop: Hop, tracer: Tracer): void {
  const attributes: Attributes = {
    'messaging.system': 'kafka',
    'messaging.operation.type': 'process',
    'messaging.consumer.group.name': hop.group,
    'messaging.destination.name': hop.topic,
    'messaging.destination.partition.id': `${hop.partition}`,
    'messaging.kafka.offset': hop.offset,
    'cloudevents.event_id': hop.eventId,
    'cloudevents.event_type': hop.type,
  };
  const options = { kind: SpanKind.CONSUMER, startTime: hop.from, attributes };
  const span = tracer.startSpan(`${hop.group} ${hop.type}`, options, after(hop.parent));
  if (hop.refused !== undefined) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: hop.refused });
  }
  span.end(hop.to);
}

/** A live channel lasts for hours, and who asks for health asks for ever: these are in no trace of ours. */
function spanRequests(fastify: FastifyInstance, tracer: Tracer): void {
  const underWay = new WeakMap<FastifyRequest, Span>();
  traceRequests(fastify, (request) => {
    const route = request.routeOptions.url ?? 'nowhere';
    if (isStream(request) || HEALTH_ROUTES.has(route)) return traceparentOf(request);
    const span = startRequest(request, route, tracer);
    underWay.set(request, span);
    const { traceId, spanId, traceFlags } = span.spanContext();
    return `00-${traceId}-${spanId}-0${traceFlags}`;
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    endRequest(underWay.get(request), reply);
    done();
  });
  fastify.addHook('onRequestAbort', (request, done) => {
    underWay.get(request)?.end();
    done();
  });
}

function startRequest(request: FastifyRequest, route: string, tracer: Tracer): Span {
  const attributes: Attributes = {
    'http.request.method': request.method,
    'http.route': route,
    'url.path': request.url.split('?')[0]!,
  };
  const parent = callerOf(request);
  const options = { kind: SpanKind.SERVER, attributes };
  const name = `${request.method} ${route}`;
  return tracer.startSpan(name, options, parent ? after(parent) : ROOT_CONTEXT);
}

function endRequest(span: Span | undefined, { statusCode }: FastifyReply): void {
  span?.setAttribute('http.response.status_code', statusCode);
  if (statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
  span?.end();
}

function after({ traceId, spanId, flags }: TraceContext): Context {
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: flags, isRemote: true });
}

/** Says once that traces are lost, and once that they arrive again. */
function saying(exporter: SpanExporter): SpanExporter {
  const trouble = new Trouble(new Logger('traces'), {
    fails: 'Traces are lost',
    works: 'Traces arrive again',
  });
  return {
    export: (spans, told) =>
      exporter.export(spans, (result) => {
        if (result.error) trouble.failed(result.error);
        else trouble.passed();
        told(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}
