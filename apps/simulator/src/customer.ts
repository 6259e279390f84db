import type { Customer } from './browser.ts';
import { Dice } from './dice.ts';

const givenNames = ['Ada', 'Bo', 'Carla', 'Dov', 'Edda', 'Finn', 'Gita', 'Hugo', 'Ines', 'Juri'];
const familyNames = ['Brook', 'Ford', 'Marsh', 'Poole', 'Reed', 'Rivers', 'Shaw', 'Wells', 'Weir'];
const streets = ['Towpath', 'Mill Lane', 'Ferry Road', 'Lock Street', 'Willow Walk'];

/** Who pays, the same at every visit. */
export function customerOf(seed: string, visitor: number): Customer {
  const dice = new Dice(seed, 'customer', visitor);
  const given = dice.pick(givenNames);
  const family = dice.pick(familyNames);
  return {
    name: `${given} ${family}`,
    email: `${given}.${family}@example.com`.toLowerCase(),
    address: `${dice.between(1, 120)} ${dice.pick(streets)}, Streamside`,
  };
}
