import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

/** A folder on a small disk of its own, which can be full. */
export interface Room {
  fill(): void;
  empty(): void;
  giveBack(): void;
}

const SIZE_MB = 2000;

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
      if (bavail > 0) execFileSync('fallocate', ['-l', `${bavail * bsize}`, filler]);
    },
    empty: () => rmSync(filler, { force: true }),
    giveBack: () => void execFileSync('umount', ['--lazy', dir], { stdio: 'ignore' }),
  };
}
