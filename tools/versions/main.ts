import { main } from './versions.ts';

/** `npm run versions` where everything is built, as in the image. */
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  // As the first process of a container it would not end by itself.
  process.once(signal, (_: string, number: number) => process.exit(128 + number));
}
process.exitCode = await main(process.argv.slice(2));
