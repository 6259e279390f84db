import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A span as it arrived, with the service that sent it. */
export interface ReceivedSpan {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
}

interface Export {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] };
    scopeSpans: { spans: Omit<ReceivedSpan, 'service'>[] }[];
  }[];
}

/** Takes OpenTelemetry traces (OTLP over HTTP, as JSON), as a collector does. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  private readonly server = createServer(async (request, reply) => {
    if (request.url === '/v1/traces') this.take((await json(request)) as Export);
    reply.setHeader('content-type', 'application/json').end('{}');
  });

  async start(): Promise<this> {
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** From a span of this trace whose name this is, up to where it began: `service: name`. */
  pathUp(traceId: string, name: string): { path: string[]; began: string | undefined } {
    const all = this.spans.filter((span) => span.traceId === traceId);
    const path: string[] = [];
    let began: string | undefined;
    for (
      let span = all.find((each) => each.name === name);
      span;
      span = all.find(({ spanId }) => spanId === began)
    ) {
      path.push(`${span.service}: ${span.name}`);
      began = span.parentSpanId;
    }
    return { path, began };
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private take({ resourceSpans }: Export): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const name = resource.attributes.find(({ key }) => key === 'service.name');
      const service = name?.value.stringValue ?? '';
      for (const { spans } of scopeSpans) {
        this.spans.push(...spans.map((span) => ({ ...span, service })));
      }
    }
  }
}
