/** `npm run contracts`, also on a fresh clone: installs and builds, then write.ts. */
import { built, prepare } from '../build.mjs';

prepare({ goOn: true });
await built('tools/contracts/write.js');
