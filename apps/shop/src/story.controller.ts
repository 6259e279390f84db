import { Controller, Get, Header, NotFoundException, Param } from '@nestjs/common';
import { z } from 'zod';
import { valid } from '#service/valid';
import { Story } from './story.ts';
import { OfVisitor } from './visitor.ts';
import type { Visitor } from './visitor.ts';

const Place = z.object({
  topic: z.string(),
  partition: z.coerce.number().int().min(0),
  offset: z.coerce.number().int().min(0),
});

/** What the log says of whoever asks, and of nobody else. What comes after is on the live channel. */
@Controller('api/story')
export class StoryController {
  constructor(private readonly story: Story) {}

  @Get()
  @Header('content-type', 'application/json')
  @Header('cache-control', 'no-store')
  all(@OfVisitor() { visitorId }: Visitor): string {
    return `{"events":[${this.story.of(visitorId).join(',')}]}`;
  }

  @Get(':topic/:partition/:offset')
  @Header('content-type', 'application/json')
  @Header('cache-control', 'no-store')
  one(@OfVisitor() { visitorId }: Visitor, @Param() params: unknown): string {
    const found = this.story.one(visitorId, valid(Place, params));
    if (found) return found;
    throw new NotFoundException({ error: 'offset: no event of yours is there.', field: 'offset' });
  }
}
