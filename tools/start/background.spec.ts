import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { giveWay, isClose } from './background.ts';

/** Linux has them unless it was told otherwise. */
const hasSessions = existsSync('/proc/self/autogroup');

it('has a process give way, and takes that back', async () => {
  const child = spawn('sleep', ['60'], { detached: true });
  const change = async (priority: Parameters<typeof giveWay>[1]) => {
    // Without privileges not twice in a tenth of a second.
    while (!giveWay(child.pid!, priority) && hasSessions) await pause(50);
    return hasSessions && readFileSync(`/proc/${child.pid}/autogroup`, 'utf8').trim().slice(-7);
  };
  try {
    const expected = hasSessions ? [' nice 5', 'nice 10', ' nice 0'] : [false, false, false];
    const seen = [await change('starts'), await change('catchesUp'), await change('normal')];
    expect(seen).toEqual(expected);
  } finally {
    child.kill();
  }
});

it('says of a process that is gone that it gives no way', () => {
  expect(giveWay(2 ** 30, 'starts')).toBe(false);
});

describe('what is close to the end of the log', () => {
  let said = '';
  let isToBreakOff = false;
  const server = createServer((_, response) => {
    if (!isToBreakOff) return response.end(said);
    return response
      .writeHead(200, { 'content-length': 1000 })
      .write(said, () => response.destroy());
  });
  let port = 0;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => server.close());

  const partition = (name: string, behind: number | null) =>
    `log_partition_paused{partition="${name}"} 0\n` +
    (behind === null ? '' : `log_lag_records{partition="${name}"} ${behind}\n`);

  it.each([
    ['is a few records behind', partition('0', 400) + partition('1', 100), true],
    ['is far behind', partition('0', 400) + partition('1', 101), false],
    ['does not know of a partition yet', partition('0', 0) + partition('1', null), false],
    ['has no partition yet', '', false],
  ])('%s', async (_, metrics, expected) => {
    said = metrics;
    expect(await isClose(port)).toBe(expected);
  });

  it('is nothing that does not answer', async () => {
    expect(await isClose(1)).toBe(false);
  });

  it('is nothing that ends while it answers', async () => {
    [said, isToBreakOff] = [partition('0', 0), true];
    expect(await isClose(port)).toBe(false);
  });
});
