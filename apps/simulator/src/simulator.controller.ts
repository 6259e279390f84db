import { BadRequestException, Body, Controller, Get, Put } from '@nestjs/common';
import { z } from 'zod';
import { Crowd } from './crowd.ts';

const Settings = z.object({ sessionsPerSecond: z.number().min(0).max(50) });
type Settings = z.output<typeof Settings>;

@Controller('rate')
export class SimulatorController {
  constructor(private readonly crowd: Crowd) {}

  @Get()
  rate(): Settings {
    return { sessionsPerSecond: this.crowd.sessionsPerSecond };
  }

  @Put()
  change(@Body() body: unknown): Settings {
    const settings = Settings.safeParse(body);
    if (!settings.success) {
      const field = 'sessionsPerSecond';
      throw new BadRequestException({ error: `${field} must be a number from 0 to 50.`, field });
    }
    this.crowd.sessionsPerSecond = settings.data.sessionsPerSecond;
    return this.rate();
  }
}
