import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogFile, worthSaying } from './log-file.ts';
import { backOffMs } from './service-process.ts';
import { lastWords } from './server.ts';
import { table } from './progress.ts';

test('the back-off doubles, up to 15 s', () => {
  expect([1, 2, 3, 4, 5, 6, 60].map(backOffMs)).toEqual([
    500, 1000, 2000, 4000, 8000, 15_000, 15_000,
  ]);
});

test('the terminal shows warnings, errors and what is no log line; the rest is in the log', () => {
  const line = (level: number) => JSON.stringify({ level, msg: 'first line\nsecond line' });
  expect(worthSaying(line(30))).toBeNull();
  expect(worthSaying(line(40))).toBe('first line');
  expect(worthSaying(line(50))).toBe('first line');
  expect(worthSaying('shop cannot start: PORT is missing')).toMatch('PORT is missing');
  expect(worthSaying('{ broken')).toBe('{ broken');
  expect(worthSaying('  ')).toBeNull();
});

test('a log over its limit begins anew and keeps the one before', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'log-')), 'logs', 'shop-1.log');
  const log = new LogFile(file);
  log.append('x'.repeat(10_000_001));
  log.append('new\n');
  expect(readFileSync(file, 'utf8')).toBe('new\n');
  expect(readFileSync(`${file}.1`)).toHaveLength(10_000_001);
});

test('a server that does not start is quoted, and a full disk is said plainly', () => {
  const log = '[main] INFO starting\n[main] ERROR Log directory is in use\n';
  expect(lastWords('Kafka', 'exit 1', log, 'kafka.log')).toBe(
    'Kafka ended while starting (exit 1), saying "[main] ERROR Log directory is in use": see kafka.log.',
  );
  expect(lastWords('Kafka', 'SIGKILL', '', 'kafka.log')).toBe(
    'Kafka ended while starting (SIGKILL): see kafka.log.',
  );
  expect(lastWords('PostgreSQL', 'exit 1', 'FATAL: No space left on device', 'x')).toMatch(
    /^The disk is full/,
  );
});

test('a table has its columns under each other', () => {
  expect(
    table([
      ['shop', 'http://a', 'x'],
      ['collector', 'b'],
    ]),
  ).toBe('  shop        http://a   x\n  collector   b');
});
