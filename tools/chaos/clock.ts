import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A `Date` whose now is off by so many ms; times that are named stay what they are. */
export function offBy(offMs: () => number, Real = Date): DateConstructor {
  const now = () => Real.now() + offMs();
  return new Proxy(Real, {
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  });
}

/**
 * Loaded before a service (`node --import`): its clock is off by as many ms as the file says that has
 * the name of its instance. The file may change while it runs, and then the clock jumps.
 */
const { CHAOS_CLOCKS, SERVICE_INSTANCE } = process.env;
const LOOK_EVERY_MS = 200;

if (CHAOS_CLOCKS && SERVICE_INSTANCE) {
  const file = join(CHAOS_CLOCKS, SERVICE_INSTANCE);
  let offMs = 0;
  const look = () => {
    offMs = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  };
  look();
  setInterval(look, LOOK_EVERY_MS).unref();
  globalThis.Date = offBy(() => offMs);
}
