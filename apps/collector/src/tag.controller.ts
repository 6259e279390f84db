import { Controller, Get, Headers, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { servedTag } from './served-tag.ts';

@Controller()
export class TagController {
  @Get('s.js')
  serve(
    @Headers('if-none-match') known: string | undefined,
    @Headers('accept-encoding') accepted: string | undefined,
    @Res() reply: FastifyReply,
  ): void {
    void reply.headers({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=300',
      etag: servedTag.etag,
      vary: 'accept-encoding',
      'cross-origin-resource-policy': 'cross-origin',
    });
    if (known?.includes(servedTag.etag)) void reply.status(304).send();
    else if (!/\bgzip\b/.test(accepted ?? '')) void reply.send(servedTag.plain);
    else void reply.header('content-encoding', 'gzip').send(servedTag.gzipped);
  }
}
