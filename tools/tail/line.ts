import { styleText } from 'node:util';
import { topics } from '#contracts/contract';
import { decodeKnown, typeOf } from '#log/envelope';
import type { Tailed } from '#log/tail';

/** How lines are written. */
export interface Look {
  colours: boolean;
  /** Columns of the terminal; null cuts nothing. */
  columns: number | null;
  /** Several topics are watched, so each line names its own. */
  namesTopic: boolean;
}

type Paint = Parameters<typeof styleText>[0];

/** Writes records as aligned lines: columns grow with what they have to hold. */
export class Lines {
  private readonly widths: number[] = [];

  constructor(private readonly look: Look) {}

  /** Time, partition/offset, key, type and data, in one line. */
  of(tailed: Tailed): string {
    const { topic, partition, record } = tailed;
    const place = `${this.look.namesTopic ? `${topic} ` : ''}${partition}/${record.offset}`;
    const { type, data, isOdd } = content(tailed);
    const cells: [string, Paint][] = [
      [timeOf(record.timestamp), 'gray'],
      [place, 'gray'],
      [printable(record.key?.toString() ?? '-'), 'cyan'],
      [printable(type), isOdd ? 'red' : 'bold'],
      [printable(data), isOdd ? 'red' : 'reset'],
    ];
    return this.aligned(cells);
  }

  private aligned(cells: readonly [string, Paint][]): string {
    let left = this.look.columns ?? Infinity;
    const written = cells.map(([text, paint], i) => {
      const isLast = i === cells.length - 1;
      const width = Math.max(this.widths[i] ?? 0, text.length);
      if (!isLast) this.widths[i] = width;
      const cell = cut(isLast ? text : `${text.padEnd(width)}  `, left);
      left -= cell.length;
      return this.look.colours ? styleText(paint, cell, { validateStream: false }) : cell;
    });
    return written.join('').trimEnd();
  }
}

export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return length > 0 ? `${text.slice(0, length - 1)}…` : '';
}

/** Type and data to show; `isOdd` is a record that is bad, or that no contract knows. */
function content(tailed: Tailed): { type: string; data: string; isOdd: boolean } {
  const { topic, record, event } = tailed;
  if (event) {
    const { [topics().get(topic)?.keyField ?? '']: _, ...rest } = event.data as Data;
    return { type: event.type, data: shortOf(rest), isOdd: false };
  }
  const why = whyBad(tailed);
  const type = typeOf(record) ?? '?';
  if (why !== null) return { type, data: `bad: ${why}: ${start(record.value)}`, isOdd: true };
  return { type, data: `unknown type: ${start(record.value)}`, isOdd: true };
}

type Data = Record<string, unknown>;

/** Why a record is bad; null when it is not, or when no contract says how it has to be. */
export function whyBad({ topic, record, event }: Tailed): string | null {
  if (event) return null;
  if (record.value === null) return 'the record has no value';
  if (typeOf(record) === undefined) return 'the record is not a CloudEvent';
  try {
    if (!decodeKnown(topic, record)) JSON.parse(record.value.toString());
    return null;
  } catch (error) {
    return error instanceof SyntaxError ? 'the record is not JSON' : (error as Error).message;
  }
}

const MOST_RAW = 120;
const MOST_NESTED = 60;
const start = (value: Buffer | null) => cut(value?.toString() ?? 'no value', MOST_RAW);

/** `sku=MUG-1 quantity=2 unitPrice=12.99 EUR` */
function shortOf(data: Data): string {
  return Object.entries(data)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${valueOf(value)}`)
    .join(' ');
}

function valueOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { cents, currency } = (value ?? {}) as Data;
  if (typeof cents === 'number' && currency) return `${(cents / 100).toFixed(2)} ${currency}`;
  return cut(JSON.stringify(value), MOST_NESTED);
}

/** Month, day and time of day, local. */
export function timeOf(time: number): string {
  const pad = (value: number, length = 2) => String(value).padStart(length, '0');
  const at = new Date(time);
  const clock = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
  return `${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${clock}.${pad(at.getMilliseconds(), 3)}`;
}

/** What comes from the log must not steer the terminal. */
export function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}]/gu,
    (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );
}

/** One JSON object: the CloudEvent as it is, or, for a bad record, what it is and why. */
export function jsonLine(tailed: Tailed): string {
  const { topic, partition, record } = tailed;
  const bad = whyBad(tailed);
  const text = record.value?.toString() ?? '';
  if (bad === null) return text.includes('\n') ? JSON.stringify(JSON.parse(text)) : text;
  const key = record.key?.toString() ?? null;
  return JSON.stringify({ bad, topic, partition, offset: record.offset, key, value: text });
}
