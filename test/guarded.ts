import { startGuard } from '../tools/start/guard.ts';

/**
 * A guard over `dir`: whatever is written down there (`<dir>/<part>/<name>.pid`) ends when the
 * returned function is called, and also when the test is killed. Resolves when all have ended.
 */
export const guarded = (dir: string): (() => Promise<void>) => startGuard(dir).release;
