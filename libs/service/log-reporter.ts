import type { NewEvent } from '#contracts/contract';
import { LogWritten, ServiceStarted, ServiceStopped } from '#contracts/systems';
import type { LogWriter } from '#log/writer';
import type { LogLine } from './service-logger.ts';

/** Lines kept while the broker is away; the oldest go first, and their number is said. */
const MAX_LINES = 500;
const FLUSH_EVERY_MS = 1000;
const MAX_MESSAGE = 4000;

/** Appends what a service logs to `systems`, best effort: a lost line never stops the work. */
export class LogReporter {
  private lines: NewEvent[] = [];
  private dropped = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly writer: LogWriter,
    private readonly service: string,
    private readonly instance: string,
  ) {}

  start(version: string): void {
    const { service, instance } = this;
    this.keep(ServiceStarted({ service, instance, version }));
    this.timer = setInterval(() => void this.flush(), FLUSH_EVERY_MS);
  }

  report({ level, message, context }: LogLine): void {
    const { service, instance } = this;
    const text = message.replaceAll('\u0000', ' ').slice(0, MAX_MESSAGE);
    this.keep(
      LogWritten({ service, instance, level, message: text, context: context?.slice(0, 200) }),
    );
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    const { service, instance } = this;
    this.keep(ServiceStopped({ service, instance }));
    await this.flush();
  }

  private keep(event: NewEvent): void {
    this.lines.push(event);
    if (this.lines.length <= MAX_LINES) return;
    this.lines.shift();
    this.dropped += 1;
  }

  private async flush(): Promise<void> {
    if (this.lines.length === 0) return;
    const { service, instance, dropped } = this;
    const lines = this.lines;
    this.lines = [];
    this.dropped = 0;
    if (dropped > 0) {
      const message = `${dropped} log lines dropped while the log was away`;
      lines.push(LogWritten({ service, instance, level: 'warn', message }));
    }
    try {
      await this.writer.append(lines);
    } catch {
      this.lines = [...lines, ...this.lines].slice(-MAX_LINES);
      this.dropped += dropped;
    }
  }
}
