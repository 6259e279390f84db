/** Kinds of shoppers. Which of them somebody is stands nowhere on the log. */
export type PersonaName = 'buyer' | 'hesitant' | 'bargain-hunter' | 'window-shopper' | 'bot';
export type Device = 'desktop' | 'phone' | 'tablet';

/** How many of each come, as weights. */
export type Mix = Readonly<Record<PersonaName, number>>;

/** What a kind of shopper has in mind before anything is seen. */
export interface Persona {
  /** Chance that a filled cart is left behind when what the shop shows speaks neither way. */
  readonly abandonment: number;
  /** Of those who would leave, the share that stays for a coupon of 10 %. */
  readonly couponEffect: number;
  /** Evenly spread over [least, most]; 0: the price does not matter, 1: it is all that matters. */
  readonly priceSensitivity: Span;
  /** Evenly spread over [least, most]; 0: away after a minute, 1: has all day. */
  readonly patience: Span;
  readonly devices: Readonly<Record<Device, number>>;
  /** How likely they come in each hour of the day, as weights with a mean of 1. */
  readonly hours: readonly number[];
}
type Span = readonly [least: number, most: number];

export const personas: Readonly<Record<PersonaName, Persona>> = {
  buyer: {
    abandonment: 0.06,
    couponEffect: 0.4,
    priceSensitivity: [0, 0.3],
    patience: [0.5, 1],
    devices: { desktop: 55, phone: 35, tablet: 10 },
    hours: hourly('1111 1148 9999 9978 ABCB 8421'),
  },
  hesitant: {
    abandonment: 0.7,
    couponEffect: 0.6,
    priceSensitivity: [0.2, 0.7],
    patience: [0.2, 0.8],
    devices: { desktop: 40, phone: 50, tablet: 10 },
    hours: hourly('2111 1124 5666 6667 9CEE B742'),
  },
  'bargain-hunter': {
    abandonment: 0.75,
    couponEffect: 0.8,
    priceSensitivity: [0.6, 1],
    patience: [0.4, 1],
    devices: { desktop: 45, phone: 45, tablet: 10 },
    hours: hourly('3211 1123 4567 6666 8BDE C963'),
  },
  'window-shopper': {
    abandonment: 1,
    couponEffect: 0,
    priceSensitivity: [0, 1],
    patience: [0, 0.6],
    devices: { desktop: 30, phone: 60, tablet: 10 },
    hours: hourly('2111 1135 67BB 8667 8ABB A742'),
  },
  bot: {
    abandonment: 1,
    couponEffect: 0,
    priceSensitivity: [0, 0],
    patience: [1, 1],
    devices: { desktop: 1, phone: 0, tablet: 0 },
    hours: hourly('CCCC CC66 4444 4444 4444 6666'),
  },
};

export const usualMix: Mix = {
  buyer: 32,
  hesitant: 26,
  'bargain-hunter': 9,
  'window-shopper': 29,
  bot: 4,
};

/** The mix of one hour of the day; their sum says how busy it is, 100 on average. */
export function mixAt(mix: Mix, hour: number): Mix {
  const weights = Object.entries(mix) as [PersonaName, number][];
  return Object.fromEntries(
    weights.map(([name, weight]) => [name, weight * personas[name].hours[hour]!]),
  ) as Record<PersonaName, number>;
}

/** One hexadecimal digit an hour, from midnight on. */
function hourly(digits: string): number[] {
  const hours = [...digits.replaceAll(' ', '')].map((digit) => parseInt(digit, 16));
  const mean = hours.reduce((sum, hour) => sum + hour, 0) / hours.length;
  return hours.map((hour) => hour / mean);
}
