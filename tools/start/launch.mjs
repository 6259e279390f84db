/** `npm start` and `npm run dev`, also on a fresh clone: installs, builds, then start.ts. */
import { fail, prepare } from '../build.mjs';

const began = Date.now();
prepare();
const { main } = await import('../../dist/tools/start/start.js').catch((error) =>
  fail(`The build is not complete (${error.message.split('\n')[0]}): npm run build says why.`),
);
await main(process.argv.slice(2), began);
