import { writeSync, openSync } from 'node:fs';

/**
 * Where a test may kill this process, as a power cut would: after the commit and before the
 * publish, or after the acknowledgement and before the outbox is cleared. `CRASH_AT=committed:37`
 * dies at the 37th passing and writes a line to the file `CRASH_LOG` first. Unset: nothing happens.
 */
export type CrashPoint = 'committed' | 'published';

const [wanted, nth] = (process.env.CRASH_AT ?? '').split(':');
let passed = 0;

/** Passes a point; the process may end here. */
export function passCrashPoint(point: CrashPoint): void {
  if (point !== wanted) return;
  passed += 1;
  if (passed !== Number(nth)) return;
  const log = process.env.CRASH_LOG;
  if (log)
    writeSync(openSync(log, 'a'), `${point} ${process.env.SERVICE_INSTANCE ?? process.pid}\n`);
  process.kill(process.pid, 'SIGKILL');
}
