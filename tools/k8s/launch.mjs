/** `npm run k8s` and `npm run k8s:check`, also on a fresh clone: installs and builds first. */
import { built, prepare } from '../build.mjs';

const [task] = process.argv.splice(2, 1);
prepare({ goOn: true });
await built(`tools/k8s/${task}.js`);
