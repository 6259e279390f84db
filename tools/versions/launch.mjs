/** `npm run versions`, also on a fresh clone: installs and builds, then versions.ts. */
import { built, prepare } from '../build.mjs';

// The standard output is for tables and JSON: somebody may read them through a pipe.
console.log = console.error;
prepare({ goOn: true });
const { main } = await built('services/versions.js');
process.exitCode = await main(process.argv.slice(2));
