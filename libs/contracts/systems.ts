import { z } from 'zod';
import { stream } from './contract.ts';
import { text } from './values.ts';

/** What the services say of themselves. */
export const systems = stream('systems', { key: 'service' });

const everyService = { writer: '*' };
const instance = { service: text(60).min(1), instance: text(100).min(1) };
export const LogWritten = systems.event('LogWritten', 'A service wrote a log line.', everyService, {
  ...instance,
  level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']),
  message: text(4000),
  context: text(200).optional(),
  traceId: text(32).optional(),
});
export const ServiceStarted = systems.event(
  'ServiceStarted',
  'A process of a service is ready.',
  everyService,
  { ...instance, version: text(60) },
);
export const ServiceStopped = systems.event(
  'ServiceStopped',
  'A process of a service stops in good order.',
  everyService,
  instance,
);
export const ClientErrorReported = systems.event(
  'ClientErrorReported',
  'A script failed in a browser.',
  { writer: 'collector' },
  { service: text(60).min(1), message: text(1000), url: text(2048), stack: text(4000).optional() },
);
