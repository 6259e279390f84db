import { writeFileSync } from 'node:fs';

/** So many records behind is what a process that reads all the time is for a moment. */
export const CLOSE = 500;

/**
 * Priorities of a session. One that starts does little for a second or two: at a lower priority it would
 * never come to its first record where others keep the processors busy.
 */
const PRIORITY = { normal: 0, starts: 5, catchesUp: 10 };

/**
 * Has a process give way to all others of this machine, or not any more. Linux shares its processors among
 * sessions (autogroups, https://man7.org/linux/man-pages/man7/sched.7.html): a priority of its own counts
 * within its session only, and that of the session may be put back by anybody. False where there is none of
 * that, or when it was changed a moment ago.
 */
export function giveWay(pid: number, priority: keyof typeof PRIORITY): boolean {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, `${PRIORITY[priority]}`);
    return true;
  } catch {
    return false; // It works all the same, only beside the others.
  }
}

/** Has the service at this port read about all there is, as its metrics say of each partition it has? */
export async function isClose(port: number): Promise<boolean> {
  const url = `http://127.0.0.1:${port}/metrics`;
  const said = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    .then((answer) => answer.text())
    .catch(() => ''); // It ends, or starts again: it is asked once more later.
  const partitions = said.match(/^log_partition_paused\{/gm) ?? [];
  const lags = said.match(/^log_lag_records\{.*$/gm) ?? [];
  const behind = lags.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  return lags.length > 0 && lags.length === partitions.length && behind <= CLOSE;
}
