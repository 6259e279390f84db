/** `npm run test:compose`, also on a fresh clone: installs and builds, then run.ts. */
import { built, prepare } from '../build.mjs';

prepare();
const { main } = await built('tools/compose/run.js');
process.exitCode = await main();
