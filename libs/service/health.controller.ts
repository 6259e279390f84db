import {
  Controller,
  Get,
  Header,
  Inject,
  Optional,
  ServiceUnavailableException,
} from '@nestjs/common';
import { register } from 'prom-client';
import { LogStrategy } from '#log/strategy';

/** What an orchestrator asks of every service. */
@Controller()
export class HealthController {
  constructor(@Optional() @Inject(LogStrategy) readonly log: LogStrategy | undefined) {}

  @Get('healthz')
  live() {
    return { status: 'ok' };
  }

  @Get('readyz')
  ready() {
    if (this.log && !this.log.ready) {
      throw new ServiceUnavailableException({ error: 'joining the consumer groups' });
    }
    return { status: 'ok' };
  }

  @Get('metrics')
  @Header('content-type', register.contentType)
  metrics() {
    return register.metrics();
  }
}
