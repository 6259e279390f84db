import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';

/** As Node's `parseArgs`; throws a sentence that ends with where to look. */
export function readArguments<const T extends ParseArgsConfig>(
  config: T,
  seeHelp: string,
): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const [what] = (error as Error).message.split(/[.\n]/);
    throw new Error(`${what}: ${seeHelp}.`);
  }
}
