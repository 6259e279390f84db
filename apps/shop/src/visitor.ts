import { randomUUID } from 'node:crypto';
import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { VisitorId } from '#contracts/values';

export interface Visitor {
  visitorId: string;
  /** The browser asks for Global Privacy Control: the cart works, nobody scores. */
  optedOut: boolean;
  /** Of their request: what they have done is in this trace. */
  traceparent: string;
}

const ONE_YEAR_S = 365 * 24 * 3600;

/** Whoever sends the first-party cookie `visitor`; a browser without one gets one. */
export const OfVisitor = createParamDecorator((_: unknown, context: ExecutionContext): Visitor => {
  const http = context.switchToHttp();
  const request = http.getRequest<FastifyRequest>();
  const { traceparent } = request;
  const optedOut = request.headers['sec-gpc'] === '1';
  const cookie = /(?:^|;\s*)visitor=([^;]*)/.exec(request.headers.cookie ?? '')?.[1];
  const known = VisitorId.safeParse(cookie);
  if (known.success) return { visitorId: known.data, optedOut, traceparent };
  const visitorId = randomUUID();
  const value = `visitor=${visitorId}; Path=/; Max-Age=${ONE_YEAR_S}; SameSite=Lax`;
  void http.getResponse<FastifyReply>().header('set-cookie', value);
  return { visitorId, optedOut, traceparent };
});
