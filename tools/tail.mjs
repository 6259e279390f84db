/** `npm run tail`, also on a fresh clone: installs and builds, then tail.ts. */
import { built, prepare } from './build.mjs';

// The standard output is for the records: somebody may read them through a pipe.
console.log = console.error;
prepare({ goOn: true });
const { main } = await built('services/tail.js');
process.exitCode = await main(process.argv.slice(2));
