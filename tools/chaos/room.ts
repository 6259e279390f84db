import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

/** A folder on a small disk of its own, which can be full. */
export interface Room {
  fill(): void;
  empty(): void;
  giveBack(): void;
}

const SIZE_MB = 2000;
const REST_BYTES = 64 * 1024 * 1024;

/** Null where one may not mount, as without root. */
export function makeRoom(dir: string): Room | null {
  mkdirSync(dir, { recursive: true });
  try {
    const options = ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'tmpfs', dir];
    execFileSync('mount', options, { stdio: 'ignore' });
  } catch {
    return null;
  }
  const filler = join(dir, 'filler');
  return {
    fill() {
      const { bavail, bsize } = statfsSync(dir);
      const most = bavail * bsize - REST_BYTES;
      if (most > 0) execFileSync('fallocate', ['-l', `${most}`, filler]);
      // Up to the end, wherever that is by now: the broker writes on meanwhile.
      spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64K', 'oflag=append', 'conv=notrunc']);
    },
    empty: () => rmSync(filler, { force: true }),
    giveBack: () => void execFileSync('umount', ['--lazy', dir], { stdio: 'ignore' }),
  };
}
