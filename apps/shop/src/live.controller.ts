import { Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Live } from './live.ts';
import { Story } from './story.ts';
import { OfVisitor } from './visitor.ts';
import type { Visitor } from './visitor.ts';

const KEEP_ALIVE_MS = 15_000;

/**
 * One stream of server-sent events for a visitor: offers, cart, orders, stock, and what the log says
 * of them. One, as browsers open six connections to an origin, all windows together.
 */
@Controller('api')
export class LiveController {
  constructor(
    private readonly live: Live,
    private readonly story: Story,
  ) {}

  @Get('live')
  async stream(
    @OfVisitor() visitor: Visitor,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const cookie = reply.getHeader('set-cookie');
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      ...(cookie ? { 'set-cookie': String(cookie) } : {}),
    });
    raw.write('retry: 1000\n\n');
    const keepAlive = setInterval(() => raw.write(': still here\n\n'), KEEP_ALIVE_MS);
    const send = (event: string, json: string) => {
      raw.write(`event: ${event}\ndata: ${json}\n\n`);
    };
    const stops: (() => void)[] = [];
    let closed = false;
    const stop = () => {
      for (const each of stops.splice(0)) each();
    };
    request.raw.on('close', () => {
      closed = true;
      clearInterval(keepAlive);
      stop();
    });
    const { visitorId } = visitor;
    const count = this.story.of(visitorId).length;
    const waiting: string[] = [];
    let tell = (json: string): void => {
      waiting.push(json);
    };
    stops.push(this.story.listen(visitorId, (json) => tell(json)));
    try {
      // First of all the whole state; what lands meanwhile waits.
      stops.push(await this.live.listen({ visitor, send }));
      send('story', JSON.stringify({ count }));
      tell = (json) => send('landed', json);
      waiting.forEach(tell);
    } catch {
      raw.end(); // The browser comes back by itself and gets the whole state then.
    }
    if (closed) stop();
  }
}
