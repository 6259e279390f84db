/** `npm run bench`, also on a fresh clone: installs and builds, then run.ts. */
import { built, prepare } from '../tools/build.mjs';

prepare();
const { main } = await built('bench/run.js');
process.exitCode = await main(process.argv.slice(2));
