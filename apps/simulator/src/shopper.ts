import { Dice } from './dice.ts';
import { personas } from './personas.ts';
import type { Device, Mix, PersonaName } from './personas.ts';
import { tasteOf } from './tastes.ts';
import type { Taste } from './tastes.ts';

/** Somebody on the way into the shop. */
export interface Shopper {
  /** Number of the session, from 0. */
  readonly session: number;
  /** The same number is the same person, with the same cookie. */
  readonly visitor: number;
  readonly returning: boolean;
  readonly persona: PersonaName;
  readonly device: Device;
  readonly priceSensitivity: number;
  readonly patience: number;
  /** The browser asks for Global Privacy Control. */
  readonly optedOut: boolean;
  readonly taste: Taste;
}

const RETURNING = 0.25;
const OPTED_OUT = 0.03;
/** How many sessions ago a returning visitor was last here. */
const AWAY = { least: 30, most: 150 };

/** Who comes as the nth: a function of the seed, the mix and what there is to like (not empty). */
export function shopperOf(
  seed: string,
  session: number,
  mix: Mix,
  tastes: readonly Taste[],
): Shopper {
  const visitor = visitorOf(seed, session);
  const dice = new Dice(seed, 'person', visitor);
  const persona = dice.weighted(mix);
  const { devices, priceSensitivity, patience } = personas[persona];
  return {
    session,
    visitor,
    returning: visitor !== session,
    persona,
    device: dice.weighted(devices),
    priceSensitivity: dice.within(...priceSensitivity),
    patience: dice.within(...patience),
    optedOut: dice.chance(OPTED_OUT),
    taste: tasteOf(seed, visitor, tastes),
  };
}

/** Arrivals are told apart from their rate: a gap of 1 is one session at the present rate. */
export function gapBefore(seed: string, n: number): number {
  return new Dice(seed, 'gap', n).gap();
}

function visitorOf(seed: string, n: number): number {
  const dice = new Dice(seed, 'visitor', n);
  if (n < AWAY.most || !dice.chance(RETURNING)) return n;
  return visitorOf(seed, n - dice.between(AWAY.least, AWAY.most));
}
