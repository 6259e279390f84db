import { Controller, Get, Header, Inject, Optional, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { register } from 'prom-client';
import { LogStrategy } from '#log/strategy';

/** What `/readyz` answers, with 200 or 503. */
export interface Readiness {
  status: 'ready' | 'not ready';
  /** Why it cannot do its work. */
  reasons?: string[];
  /** What is wrong and does not keep it from its work, or not yet. */
  notes?: string[];
}

/** What an orchestrator asks of every service. */
@Controller()
export class HealthController {
  constructor(@Optional() @Inject(LogStrategy) readonly log: LogStrategy | undefined) {}

  @Get('healthz')
  live() {
    return { status: 'ok' };
  }

  @Get('readyz')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const complaints = (await this.log?.health.complaints()) ?? [];
    const reasons = complaints.filter(({ blocks }) => blocks).map(({ says }) => says);
    const notes = complaints.filter(({ blocks }) => !blocks).map(({ says }) => says);
    if (reasons.length > 0) void reply.status(503);
    return {
      status: reasons.length > 0 ? 'not ready' : 'ready',
      ...(reasons.length > 0 && { reasons }),
      ...(notes.length > 0 && { notes }),
    };
  }

  @Get('metrics')
  @Header('content-type', register.contentType)
  async metrics() {
    await this.log?.health.measure();
    return register.metrics();
  }
}
