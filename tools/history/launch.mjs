/** `npm run history`, also on a fresh clone: installs and builds, then history.ts. */
import { built, prepare } from '../build.mjs';

prepare();
const { main } = await built('tools/history/history.js');
await main(process.argv.slice(2));
