/** `npm run backup`, also on a fresh clone: installs and builds, then backup.ts. */
import { built, prepare } from '../build.mjs';

prepare();
const { main } = await built('tools/backup/backup.js');
process.exitCode = await main(process.argv.slice(2));
