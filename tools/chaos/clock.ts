import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

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
  const RealDate = Date;
  const realNow = Date.now;
  RealDate.now = () => realNow() + offMs;
  globalThis.Date = new Proxy(RealDate, {
    construct(target, args, newTarget) {
      return Reflect.construct(target, args.length === 0 ? [target.now()] : args, newTarget);
    },
  });
}
