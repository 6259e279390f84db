import { isUtf8 } from 'node:buffer';
import { header } from '#log/envelope';
import type { IncomingRecord } from '#log/envelope';
import type { BadCase } from '#log/bad-cases';
import { cut, printable, timeOf } from '../tail/line.ts';

const MOST_REASONS = 20;
const MOST_TEXT = 4000;
const MOST_BYTES = 256;

/** Aligned lines, one for each of these rows; the last column is not padded. */
function aligned(rows: readonly (readonly string[])[], columns: number | null): string[] {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]!.length))) ?? [];
  return rows.map((row) => {
    const line = row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
    return cut(line, columns ?? Infinity);
  });
}

/** The newest of these cases, a line each. `columns` is the width to cut to; null cuts nothing. */
export function listed(cases: readonly BadCase[], limit: number, columns: number | null): string {
  const rows = cases.slice(-limit).map((each) => {
    const { id, data, time, settled } = each;
    const tries = data.attempts > 1 ? ` (attempt ${data.attempts})` : '';
    return [
      timeOf(time),
      id,
      settled?.how ?? 'open',
      data.group,
      data.type ?? '?',
      data.key ?? '-',
      `${data.reason}${tries}`,
    ].map(printable);
  });
  return [...aligned(rows, columns), ...counted(cases, columns), lastLine(cases, limit)].join('\n');
}

/** How many of these there are for each group and reason, most first. */
function counted(cases: readonly BadCase[], columns: number | null): string[] {
  if (cases.length === 0) return [];
  const counts = new Map<string, { count: number; group: string; reason: string }>();
  for (const { data } of cases) {
    const { group, reason } = data;
    const known = counts.get(`${group} ${reason}`) ?? { count: 0, group, reason };
    counts.set(`${group} ${reason}`, { ...known, count: known.count + 1 });
  }
  const most = [...counts.values()].toSorted((a, b) => b.count - a.count);
  const width = String(most[0]!.count).length;
  const rows = most
    .slice(0, MOST_REASONS)
    .map(({ count, group, reason }) => [
      String(count).padStart(width),
      printable(group),
      printable(reason),
    ]);
  const others = most.length - rows.length;
  return [
    '',
    ...aligned(rows, columns),
    ...(others > 0 ? [`and ${others} other reasons`] : []),
    '',
  ];
}

function lastLine(cases: readonly BadCase[], limit: number): string {
  const last = cases.at(-1);
  if (!last) return 'Nothing is bad here.';
  const open = cases.filter(({ settled }) => !settled).length;
  const hidden = cases.length > limit ? `, the newest ${limit} shown` : '';
  return `${open} open of ${cases.length}${hidden}. npm run bad -- show ${last.id} tells all of one.`;
}

/** A case as one JSON object; without the bytes in a list. */
export function jsonOf({ data: { value, ...data }, ...rest }: BadCase, withValue: boolean): string {
  return JSON.stringify({ ...rest, data: withValue ? { ...data, value } : data });
}

/** All that is known of one case. */
export function shown(found: BadCase, original: IncomingRecord | undefined, value: Buffer | null) {
  const { id, data, time, settled, correlationId, causationId } = found;
  const facts: [string, string][] = [
    ['refused by', `${data.group}, attempt ${data.attempts}, at ${new Date(time).toISOString()}`],
    ['reason', data.reason],
    ['original', originalOf(found, original)],
    ['key', keyOf(data.key, original)],
    ['type', data.type ?? 'none'],
    ['story', correlationId],
    ['cause', causationId],
    ...headersOf(original),
    ['value', sizeOf(data, value)],
  ];
  const lines = facts.map(([name, fact]) => `  ${name.padEnd(12)} ${printable(fact)}`);
  const state = settled
    ? `${settled.how} by ${settled.by} at ${new Date(settled.time).toISOString()}` +
      (settled.why === null ? '' : `: ${settled.why}`)
    : 'open';
  const next = settled ? [] : ['', nextOf(id)];
  return [`${id}  ${printable(state)}`, ...lines, ...(value ? [bodyOf(value)] : []), ...next].join(
    '\n',
  );
}

function originalOf({ data }: BadCase, original: IncomingRecord | undefined): string {
  if (data.partition === null) return `none: a door of ${data.topic} refused it`;
  if (data.offset === null) return `none: a timer on ${data.topic}-${data.partition}`;
  const at = `${data.topic}-${data.partition}/${data.offset}`;
  if (!original) return `${at}, no longer on the log`;
  return `${at}, of ${new Date(original.timestamp).toISOString()}`;
}

function keyOf(key: string | null, original: IncomingRecord | undefined): string {
  return original?.key?.toString() ?? key ?? 'none';
}

function headersOf(original: IncomingRecord | undefined): [string, string][] {
  if (!original) return [];
  const names = Object.keys(original.headers);
  const text = names.map((name) => `${name}=${cut(header(original, name) ?? '', 200)}`).join(' ');
  return [['headers', text || 'none']];
}

function sizeOf({ size }: BadCase['data'], value: Buffer | null): string {
  if (value) return `${value.length} bytes, ${isText(value) ? 'text' : 'not text'}`;
  return size === null || size === undefined ? 'none' : `${size} bytes that are kept nowhere else`;
}

/** Text may hold tabs and line ends, and nothing else that steers a terminal. */
function isText(value: Buffer): boolean {
  return isUtf8(value) && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(value.toString());
}

function bodyOf(value: Buffer): string {
  if (!isText(value)) return hexOf(value);
  const lines = prettyOf(value.toString()).split('\n').map(printable);
  const text = lines.join('\n');
  if (text.length <= MOST_TEXT) return text;
  return `${cut(text, MOST_TEXT)}\n(--raw has all ${value.length} bytes)`;
}

function prettyOf(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** 16 bytes a line, as other tools print them. */
function hexOf(value: Buffer): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(value.length, MOST_BYTES); at += 16) {
    const hex = value
      .subarray(at, at + 16)
      .toString('hex')
      .replaceAll(/(..)/g, '$1 ');
    lines.push(`  ${at.toString(16).padStart(8, '0')}  ${hex.trimEnd()}`);
  }
  if (value.length > MOST_BYTES) lines.push(`  (--raw has all ${value.length} bytes)`);
  return lines.join('\n');
}

const nextOf = (id: string) =>
  `Mended? npm run bad -- retry ${id}. Of no use? npm run bad -- discard ${id} --why "…"`;
