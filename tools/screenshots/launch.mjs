/** `npm run screenshots`, also on a fresh clone: installs and builds, then screenshots.ts. */
import { built, prepare } from '../build.mjs';

prepare();
const { main } = await built('tools/screenshots/screenshots.js');
await main();
