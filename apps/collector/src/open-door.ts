import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** Lets pages of any site in, with whatever they bring. */
export async function openDoor(app: NestFastifyApplication): Promise<void> {
  // The tag is on pages of any site. It sends no credentials, and no answer holds a secret.
  app.enableCors({ origin: '*' });
  // Every body stays as it came, whatever it says it is: a signature is one of bytes, and what
  // does not parse is kept too.
  app.getHttpAdapter().getInstance().removeAllContentTypeParsers();
  app.useBodyParser('*', {}, (_request, body, done) => done(null, body));
}
