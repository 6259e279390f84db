/** `npm test`, also on a fresh clone: installs and builds, then hands over to run.ts. */
import { built, prepare } from '../build.mjs';

const { sound } = prepare({ goOn: true });
const { runTests } = await built('tools/test/run.js');
process.exitCode = await runTests(process.argv.slice(2), sound);
