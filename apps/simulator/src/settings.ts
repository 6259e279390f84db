import { z } from 'zod';
import { personas } from './personas.ts';
import type { PersonaName } from './personas.ts';

export const MOST_SESSIONS_PER_SECOND = 500;
const names = Object.keys(personas) as PersonaName[];

const number = z.number({ error: 'must be a number' });
const Weight = number.min(0, 'must be at least 0').max(1_000, 'must be at most 1000');
export const Rate = number
  .min(0, 'must be at least 0')
  .max(MOST_SESSIONS_PER_SECOND, `must be at most ${MOST_SESSIONS_PER_SECOND}`);

/** What can be changed while shoppers come; what is left out stays. */
export const Settings = z
  .strictObject({
    sessionsPerSecond: Rate,
    mix: z
      .strictObject(
        Object.fromEntries(names.map((name) => [name, Weight])) as Record<PersonaName, z.ZodNumber>,
      )
      .refine((mix) => Object.values(mix).some((weight) => weight > 0), {
        message: 'must have a weight above 0 for somebody',
      }),
  })
  .partial();
