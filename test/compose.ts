import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** `docker compose` with the project that the environment names. */
export const compose = (...args: string[]) =>
  run('docker', ['compose', '--progress=quiet', ...args]);

/** Has all run that should, but for the shoppers. */
export const up = (...args: string[]) => compose('up', '--wait', '--scale=simulator=0', ...args);
