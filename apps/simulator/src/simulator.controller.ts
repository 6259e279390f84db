import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Body, Controller, Get, Header, Put } from '@nestjs/common';
import { valid } from '#service/valid';
import { Crowd } from './crowd.ts';
import type { CrowdState } from './crowd.ts';
import { Settings } from './settings.ts';

// The page goes to browsers as it was written.
const page = readFileSync(join(process.cwd(), 'apps', 'simulator', 'src', 'control.html'));

@Controller()
export class SimulatorController {
  constructor(private readonly crowd: Crowd) {}

  /** The page that shows and moves what stands at `shoppers`. */
  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', "default-src 'self' 'unsafe-inline' data:")
  control(): Buffer {
    return page;
  }

  @Get('shoppers')
  shoppers(): CrowdState {
    return this.crowd.state;
  }

  @Put('shoppers')
  change(@Body() body: unknown): CrowdState {
    const { sessionsPerSecond, mix } = valid(Settings, body);
    if (sessionsPerSecond !== undefined) this.crowd.sessionsPerSecond = sessionsPerSecond;
    if (mix !== undefined) this.crowd.mix = mix;
    return this.shoppers();
  }
}
