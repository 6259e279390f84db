import type { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { ReleaseTag } from '#contracts/releases';
import type { Admin } from '#log/kafka';
import { lagOf, readBy, standingOf, stateOf } from './standing.ts';
import type { Standing } from './standing.ts';

/**
 * Waits until a release has caught up, with a line that shows how it goes: on a terminal in place, elsewhere one every few
 * seconds. Throws a sentence when nobody reads any more.
 */
export async function catchUp(
  admin: Admin,
  tag: ReleaseTag,
  out: Writable & { isTTY?: boolean },
): Promise<void> {
  const began = Date.now();
  let [said, last] = [0, await standingOf(admin, tag)];
  const first = readBy(last);
  let [quiet, aliveAt] = [0, began];
  // Topics that it derives grow while it reads: twice in a row is caught up.
  while (quiet < 2) {
    await pause(LOOK_EVERY_MS);
    last = await standingOf(admin, tag);
    quiet = stateOf(last) === 'ready' ? quiet + 1 : 0;
    if (last.members > 0) aliveAt = Date.now();
    // A process that ends is started again, and goes on where it was.
    if (Date.now() - aliveAt > PATIENCE_MS) {
      throw new Error(`${tag.application} ${tag.release} has stopped: see its log.`);
    }
    if (out.isTTY !== true && Date.now() - said < SAY_EVERY_MS && quiet < 2) continue;
    said = Date.now();
    const rate = (readBy(last) - first) / ((said - began) / 1000);
    out.write(
      `${out.isTTY ? '\r\x1b[K' : ''}${progressLine(tag, last, rate)}${out.isTTY ? '' : '\n'}`,
    );
  }
  if (out.isTTY) out.write('\n');
}

const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 500;
const SAY_EVERY_MS = 2000;

/** `rate`: records a second. */
function progressLine(tag: ReleaseTag, standing: Standing, rate: number): string {
  const lag = lagOf(standing);
  const left = lag === 0 ? 0 : lag / Math.max(rate, 1);
  const numbers = [
    `${Math.round(rate).toLocaleString('en')} events/s`,
    `${lag.toLocaleString('en')} behind`,
    left < 1 ? 'there' : `${Math.ceil(left)} s left`,
  ];
  return `  ${tag.application} ${tag.release}   ${numbers.join('   ')}`;
}
