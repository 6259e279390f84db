/** `npm start` and `npm run dev`, also on a fresh clone: installs, builds, then start.ts. */
import { built, prepare } from '../build.mjs';

const began = Date.now();
prepare();
const { main } = await built('tools/start/start.js');
await main(process.argv.slice(2), began);
