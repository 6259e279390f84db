/** `npm run chaos`, also on a fresh clone: installs and builds, then chaos.ts. */
import { built, prepare } from '../build.mjs';

prepare();
const { main } = await built('tools/chaos/chaos.js');
process.exitCode = await main(process.argv.slice(2));
