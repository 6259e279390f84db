/** `npm run tail`, also on a fresh clone: installs and builds, then tail.ts. */
import { fail, prepare } from './build.mjs';

// The standard output is for the records: somebody may read them through a pipe.
console.log = console.error;
prepare({ goOn: true });
const { main } = await import('../dist/tools/tail/tail.js').catch((error) =>
  fail(`The build is not complete (${error.message.split('\n')[0]}): npm run build says why.`),
);
process.exitCode = await main(process.argv.slice(2));
