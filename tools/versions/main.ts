import { main } from './versions.ts';

/** `npm run versions` where everything is built, as in the image. */
process.exitCode = await main(process.argv.slice(2));
