import type { Application, Placement } from '#contracts/releases';
import { firstPlacement, runs } from '#contracts/releases';

/** A placement that is to be said on the log; throws a sentence where it cannot be. Pure. */
export type Change = (now: Placement) => Placement;

/** Runs, and serves nobody yet. */
export function withRelease(now: Placement, release: string): Placement {
  if (runs(now, release)) return now;
  return { ...now, shares: [...now.shares, { release, percent: 0 }] };
}

/** Everybody, pinned ones too: who is pinned asks to be told apart, and is not any more. */
export function promote(now: Placement, release: string): Placement {
  refuseUnknown(now, [release]);
  const shares = now.shares.map((each) => ({
    release: each.release,
    percent: each.release === release ? 100 : 0,
  }));
  return { ...now, shares, pins: [] };
}

/** Each of these, and nobody on the others. Their order stays, so that as few visitors as can be move. */
export function split(now: Placement, shares: Placement['shares']): Placement {
  refuseUnknown(
    now,
    shares.map(({ release }) => release),
  );
  const percentOf = new Map(shares.map(({ release, percent }) => [release, percent]));
  const next = now.shares.map(({ release }) => ({ release, percent: percentOf.get(release) ?? 0 }));
  return { ...now, shares: next };
}

export function pin(now: Placement, visitorId: string, release: string): Placement {
  refuseUnknown(now, [release]);
  const pins = [...unpin(now, visitorId).pins, { visitorId, release }];
  if (pins.length <= MOST_PINS) return { ...now, pins };
  throw new Error(`${MOST_PINS} visitors are pinned already: unpin one first.`);
}

const MOST_PINS = 100;

export function unpin(now: Placement, visitorId: string): Placement {
  return { ...now, pins: now.pins.filter((each) => each.visitorId !== visitorId) };
}

/** As it was before the last change, without what does not run any more. `history`: back to {@link lastOther} at least. */
export function rollback(application: Application, history: readonly Placement[]): Placement {
  const all = [firstPlacement(application), ...history];
  const now = all.at(-1)!;
  const before = lastOther(all);
  if (!before)
    throw new Error(`Nothing about ${application} has changed that could be taken back.`);
  const percentOf = new Map(before.shares.map(({ release, percent }) => [release, percent]));
  const shares = now.shares.map(({ release }) => ({
    release,
    percent: percentOf.get(release) ?? 0,
  }));
  return { ...now, shares, pins: before.pins.filter(({ release }) => runs(now, release)) };
}

/** The last before the last that can still be had, and would move somebody; the first ones may be missing. */
export function lastOther(history: readonly Placement[]): Placement | undefined {
  const now = history.at(-1);
  if (!now) return undefined;
  const isPossible = ({ shares }: Placement) =>
    shares.every(({ release, percent }) => percent === 0 || runs(now, release));
  return history.findLast((each) => isPossible(each) && !isSame(each, now));
}

/** Does not run any more. Throws while anyone is on it. */
export function without(now: Placement, release: string): Placement {
  const share = now.shares.find((each) => each.release === release);
  const pinned = now.pins.filter((each) => each.release === release).length;
  const { application } = now;
  if (share && share.percent > 0) {
    throw new Error(
      `${share.percent} % of the visitors are on ${application} ${release}: promote another first.`,
    );
  }
  if (pinned > 0) {
    throw new Error(
      `${pinned} visitors are pinned to ${application} ${release}: unpin them first.`,
    );
  }
  return { ...now, shares: now.shares.filter((each) => each !== share) };
}

/** Does everybody stay where they are? */
function isSame(a: Placement, b: Placement): boolean {
  const text = ({ shares, pins }: Placement) =>
    JSON.stringify([shares.filter(({ percent }) => percent > 0), pins]);
  return text(a) === text(b);
}

function refuseUnknown(now: Placement, releases: readonly string[]): void {
  const missing = releases.find((release) => !runs(now, release));
  if (!missing) return;
  const { application } = now;
  throw new Error(
    `${application} ${missing} does not run: npm run versions -- start ${application} ${missing} first.`,
  );
}
