import type { LoggerService } from '@nestjs/common';
import pino from 'pino';

export type Level = 'debug' | 'info' | 'warn' | 'error';
export interface LogLine {
  level: Level;
  message: string;
  context?: string;
}

/**
 * Nest's logger as JSON lines (pino); an object after the message becomes fields of the line. Every line is also handed to `onLine`, for the log; except
 * those of the log library itself (context `log`): a lost broker would feed itself.
 */
export class ServiceLogger implements LoggerService {
  private readonly pino: pino.Logger;
  onLine: (line: LogLine) => void = () => {};

  constructor(service: string, instance: string, level: string) {
    this.pino = pino({ level, base: { service, instance } });
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write('info', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  private write(level: Level, message: unknown, rest: unknown[]): void {
    const last = rest.at(-1);
    const context = typeof last === 'string' ? last : undefined;
    const text = message instanceof Error ? message.message : String(message);
    const stack = message instanceof Error ? message.stack : undefined;
    const facts = rest.find((each) => typeof each === 'object');
    this.pino[level]({ ...facts, context, stack }, text);
    if (context === 'log' || !this.pino.isLevelEnabled(level)) return;
    this.onLine({ level, message: text, context });
  }
}
