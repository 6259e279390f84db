/** `npm test`, also on a fresh clone: installs and builds, then hands over to run.ts. */
import { fail, prepare } from '../build.mjs';

const { sound } = prepare({ goOn: true });
const { runTests } = await import('../../dist/tools/test/run.js').catch((error) =>
  fail(`The build is not complete (${error.message.split('\n')[0]}): npm run build says why.`),
);
process.exitCode = await runTests(process.argv.slice(2), sound);
