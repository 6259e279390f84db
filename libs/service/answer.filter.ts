import { Catch, HttpException, Logger } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { isDatabaseAway } from '#log/database';
import { LogUnavailable } from '#log/writer';

/**
 * Every error of a door is `{ error: sentence, field? }`. What nobody foresaw is a 500 that says
 * nothing about the inside; the log has the rest.
 */
@Catch()
export class AnswerFilter implements ExceptionFilter {
  private readonly logger = new Logger('http');

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { status, body } = this.answer(error);
    if (status === 503) void reply.header('retry-after', '1');
    void reply.status(status).send(body);
  }

  private answer(error: unknown): { status: number; body: object } {
    if (error instanceof LogUnavailable) return { status: 503, body: { error: error.message } };
    if (error instanceof HttpException) {
      const body = error.getResponse();
      const told = typeof body === 'object' && 'error' in body && !('statusCode' in body);
      return { status: error.getStatus(), body: told ? body : { error: sentenceOf(body, error) } };
    }
    const status = (error as { statusCode?: number }).statusCode;
    if (status !== undefined && status < 500) {
      return { status, body: { error: (error as Error).message } };
    }
    if (isDatabaseAway(error)) {
      this.logger.warn(`the database does not answer: ${(error as Error).message}`);
      return {
        status: 503,
        body: { error: 'The database does not answer; try again in a moment.' },
      };
    }
    this.logger.error(error);
    return { status: 500, body: { error: 'Something went wrong here; try again in a moment.' } };
  }
}

function sentenceOf(body: string | object, error: HttpException): string {
  if (typeof body === 'string') return body;
  const { message } = body as { message?: string | string[] };
  return Array.isArray(message) ? message.join('; ') : (message ?? error.message);
}
