import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import { Controller, Get, NotFoundException, Param, Req, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OfVisitor } from './visitor.ts';
import type { Visitor } from './visitor.ts';

const WEB = join(process.cwd(), 'dist', 'web');
const PICTURES = join(
  dirname(fileURLToPath(import.meta.resolve('@lobehub/fluent-emoji-3d/package.json'))),
  'assets',
);

/** Teaches Fastify's reply to send files; plugins are added before the application starts. */
export async function sendFiles(app: NestFastifyApplication): Promise<void> {
  await app.register(fastifyStatic, { root: WEB, serve: false, preCompressed: true });
}

/** The pages: files of the built single-page application, and the pictures of the products. */
@Controller()
export class WebController {
  @Get('pictures/:file')
  picture(@Param('file') file: string, @Res() reply: FastifyReply) {
    if (!/^[\w-]+\.webp$/.test(file))
      throw new NotFoundException({ error: 'There is no such picture.' });
    return reply.sendFile(file, PICTURES, { maxAge: '30d', immutable: true });
  }

  @Get('api/*')
  unknownDoor(): never {
    throw new NotFoundException({ error: 'There is no such address in this API.' });
  }

  @Get(['/', '*'])
  page(
    @OfVisitor() _visitor: Visitor, // A browser gets its cookie with the first page.
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ) {
    const path = new URL(request.url, 'http://shop').pathname.slice(1);
    if (/^[\w./-]+\.\w+$/.test(path) && !path.includes('..') && existsSync(join(WEB, path))) {
      const immutable = path.startsWith('assets/');
      return reply.sendFile(path, { maxAge: immutable ? '365d' : '1h', immutable });
    }
    return reply.sendFile('index.html', { maxAge: 0 });
  }
}
