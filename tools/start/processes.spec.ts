import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { birthOf, livingPid, pidFiles, writePid } from './processes.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'pids-'));
const born = (when: string) => () => when;

test('the process that was written down is found while it lives', () => {
  const file = join(folder(), 'shop.pid');
  writePid(file, process.pid);
  expect(livingPid(file)).toBe(process.pid);
});

test('a pid that another process has by now is nobody of ours', () => {
  const file = join(folder(), 'shop.pid');
  writePid(file, 4711, born('Monday'));
  expect(livingPid(file, born('Monday'))).toBe(4711);
  expect(livingPid(file, born('Tuesday'))).toBeNull();
});

test('a process that was gone before it was written down is never found', () => {
  const file = join(folder(), 'shop.pid');
  writePid(file, 4711, () => null);
  expect(livingPid(file, () => null)).toBeNull();
});

test('a missing or unreadable file names nobody', () => {
  const file = join(folder(), 'shop.pid');
  expect(livingPid(file)).toBeNull();
  writeFileSync(file, 'what?');
  expect(livingPid(file)).toBeNull();
});

test('who wrote a process down finds it also when the folder is deleted', () => {
  const dir = folder();
  const file = join(dir, 'services', 'shop.pid');
  writePid(file, process.pid);
  rmSync(dir, { recursive: true });
  expect(pidFiles(dir)).toEqual([file]);
  expect(livingPid(file)).toBe(process.pid);
});

test('the birth of a process does not change, and a missing process has none', () => {
  expect(birthOf(process.pid)).toBe(birthOf(process.pid));
  expect(birthOf(process.pid)).not.toBe(birthOf(1));
  expect(birthOf(2 ** 30)).toBeNull();
});

test('pid files are those one folder down', () => {
  const dir = folder();
  mkdirSync(join(dir, 'services'));
  writeFileSync(join(dir, 'launcher.pid'), '');
  writeFileSync(join(dir, 'services', 'shop.pid'), '');
  writeFileSync(join(dir, 'services', 'shop.log'), '');
  expect(pidFiles(dir)).toEqual([join(dir, 'services', 'shop.pid')]);
  expect(readFileSync(pidFiles(dir)[0]!, 'utf8')).toBe('');
});
