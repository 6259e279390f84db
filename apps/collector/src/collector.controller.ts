import {
  BadRequestException,
  Body,
  Controller,
  Headers,
  HttpCode,
  Inject,
  NotFoundException,
  PayloadTooLargeException,
  Post,
  Query,
  Req,
  UnauthorizedException,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { MessagePublished, playground } from '#contracts/playground';
import { visitors } from '#contracts/visitors';
import type { BadKind } from '#log/bad-record';
import { recordsRefused } from '#log/metrics';
import { LogWriter } from '#log/writer';
import { CONFIG } from '#service/config';
import { valid } from '#service/valid';
import type { Config } from './config.ts';
import { Delivery, goodsOf } from './delivery.ts';
import { readHits } from './hits.ts';
import { whyUnsigned } from './signature.ts';

const MAX_BODY_BYTES = 64 * 1024;

/** Where browsers, suppliers and passers-by put something on the log. All answer after acks. */
@Controller()
export class CollectorController {
  constructor(
    private readonly log: LogWriter,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post('collect')
  @HttpCode(204)
  async collect(@Body() body: unknown, @Req() { traceparent }: FastifyRequest): Promise<void> {
    const { kept, refused, bad } = readHits(bytesOf(body));
    await this.log.append([...kept, ...bad], { traceparent });
    for (const { field } of refused) countRefusal(field);
    const [first] = refused;
    if (!first) return;
    const { index, field, reason } = first;
    const error = `Hit ${index}: ${field} ${reason}; ${kept.length} kept, ${refused.length} refused.`;
    throw new BadRequestException({ error, field, refused });
  }

  @Post('hooks/deliveries')
  @HttpCode(202)
  async deliver(
    @Body() body: unknown,
    @Headers('x-signature') signature: string | undefined,
    @Req() { traceparent }: FastifyRequest,
  ): Promise<void> {
    const raw = bytesOf(body);
    const { DELIVERIES_SECRET } = this.config;
    const error = whyUnsigned(signature, raw, DELIVERIES_SECRET, Date.now() / 1000);
    if (error) throw new UnauthorizedException({ error, field: 'x-signature' });
    await this.log.append(goodsOf(valid(Delivery, parsed(raw))), { traceparent });
  }

  @Post('pub')
  @HttpCode(200)
  async publish(
    @Query('topic') topic: unknown,
    @Body() body: unknown,
    @Req() { traceparent }: FastifyRequest,
  ): Promise<string> {
    if (topic !== playground.name) {
      const error = `topic: must be ${playground.name}, the only one that anybody may publish to`;
      throw new NotFoundException({ error, field: 'topic' });
    }
    const message = valid(MessagePublished.schema, { body: bytesOf(body).toString() });
    await this.log.append([MessagePublished(message)], { traceparent });
    return 'OK';
  }
}

/** As the delivery loop counts what a consumer group refuses. */
function countRefusal(field: string): void {
  const reason: BadKind = field === '(body)' ? 'unparsable' : 'invalid';
  recordsRefused.inc({ group: 'collector', topic: visitors.name, reason });
}

function bytesOf(body: unknown): Buffer {
  const raw = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  if (raw.length <= MAX_BODY_BYTES) return raw;
  throw new PayloadTooLargeException({
    error: `The body has ${raw.length} bytes: send at most ${MAX_BODY_BYTES} at once.`,
  });
}

function parsed(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString());
  } catch {
    throw new BadRequestException({ error: '(body): must be JSON', field: '(body)' });
  }
}
