/** `npm run contracts`, also on a fresh clone: installs and builds, then write.ts. */
import { fail, prepare } from '../build.mjs';

prepare({ goOn: true });
await import('../../dist/tools/contracts/write.js').catch((error) =>
  fail(`The build is not complete (${error.message.split('\n')[0]}): npm run build says why.`),
);
