import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const limitBytes = 10_000_000;

/** A log that does not grow for ever: what is over the limit moves to `<file>.1`. */
export class LogFile {
  private bytes: number;

  constructor(readonly file: string) {
    mkdirSync(dirname(file), { recursive: true });
    this.bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  }

  append(chunk: Buffer | string): void {
    if (this.bytes > limitBytes) {
      renameSync(this.file, `${this.file}.1`);
      this.bytes = 0;
    }
    appendFileSync(this.file, chunk);
    this.bytes += chunk.length;
  }
}

/** The text of a log line that a person should see now; null for the others. */
export function worthSaying(line: string): string | null {
  if (line.trim() === '') return null;
  if (!line.startsWith('{')) return line.trim(); // Not from the logger: a crash, or its reason.
  try {
    const { level, msg } = JSON.parse(line) as { level: number; msg: string };
    return level >= 40 ? String(msg).split('\n')[0]! : null;
  } catch {
    return line.trim();
  }
}
