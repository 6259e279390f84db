import { z } from 'zod';
import { text, VisitorId } from './values.ts';

/**
 * What only computes can be swapped: several releases of an application read the log side by side, each at
 * its own pace, and visitors are moved from one to the other. Which visitor is on which is said on
 * the log (ReleaseChanged), so every reader of a partition sees a switch at the same offset.
 */

/** The releases there is code for, oldest first. The first serves everybody until the log says otherwise. */
export const releasesOf = {
  recommendations: ['v1', 'v2'],
  feedback: ['v1', 'v2'],
} as const;
export type Application = keyof typeof releasesOf;

export function firstReleaseOf(application: Application): string {
  return releasesOf[application][0];
}

/** A release of an application, as what belongs to it is marked. */
export interface ReleaseTag {
  readonly application: Application;
  readonly release: string;
}

const Release = z.string().regex(/^v[1-9][0-9]{0,2}$/, 'must be v and a number, as in v2');

/** The fields of ReleaseChanged. */
export const releaseFields = {
  application: z.enum(Object.keys(releasesOf) as [Application, ...Application[]]),
  /** All that run, with the share of visitors each of them serves; the first also serves the rest. */
  shares: z
    .array(z.object({ release: Release, percent: z.int().min(0).max(100) }))
    .min(1)
    .max(9),
  /** Visitors who are on one of them, whatever the shares say. */
  pins: z.array(z.object({ visitorId: VisitorId, release: Release })).max(100),
  /** Who decided it. */
  by: text(100),
};

/** Who is on which release of one application. */
export const Placement = z.object(releaseFields);
export type Placement = z.output<typeof Placement>;

/** What a reader of a partition knows: the last ReleaseChanged of each application. */
export const Placements = z.partialRecord(releaseFields.application, Placement);
export type Placements = z.output<typeof Placements>;

/** As it is before anybody has said anything: the first release serves everybody. */
export function firstPlacement(application: Application): Placement {
  const shares = [{ release: firstReleaseOf(application), percent: 100 }];
  return { application, shares, pins: [], by: 'first-facts' };
}

/**
 * The release that a visitor is on: by pin, else by hash, so that a visitor stays where they are, and
 * one whose share grows only takes visitors over from its neighbour in the list.
 */
export function releaseFor(
  placements: Placements,
  application: Application,
  visitorId: string,
): string {
  const { shares, pins } = placements[application] ?? firstPlacement(application);
  const pin = pins.find((each) => each.visitorId === visitorId);
  if (pin) return pin.release;
  // With the application: who tries one new release shall not be who tries them all.
  let left = Number(fnv1a(`${application}/${visitorId}`) % 100n);
  const found = shares.find(({ percent }) => (left -= percent) < 0);
  return (found ?? shares[0]!).release;
}

/** Does this release run, be it for nobody? */
export function runs({ shares }: Placement, release: string): boolean {
  return shares.some((share) => share.release === release);
}

/** Is anybody on this release? */
export function isInForce({ shares, pins }: Placement, release: string): boolean {
  return (
    shares.some((share) => share.release === release && share.percent > 0) ||
    pins.some((pin) => pin.release === release)
  );
}

/** FNV-1a, 64 bit, of ASCII text (http://www.isthe.com/chongo/tech/comp/fnv/). */
export function fnv1a(ascii: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < ascii.length; i += 1) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(ascii.charCodeAt(i))) * 0x100000001b3n);
  }
  return hash;
}
