import { readdirSync, readFileSync } from 'node:fs';
import { build } from 'rolldown';
import type { Plugin } from 'rolldown';

/** Stack traces lead to our TypeScript; Node reads maps at the start, so libraries have none. */
const sourceMaps: Plugin = {
  name: 'source-maps',
  load: {
    filter: { id: /\.js$/ },
    handler: (file) => ({
      code: readFileSync(file, 'utf8'),
      map: file.includes('/node_modules/') ? { mappings: '' } : readFileSync(`${file}.map`, 'utf8'),
    }),
  },
};

/*
 * Puts each service and its libraries into a few files, dist/services: the thousand modules they
 * are made of take Node twice as long to load, at every start and restart.
 */
await build({
  input: Object.fromEntries(
    readdirSync('apps').map((service) => [service, `dist/apps/${service}/src/main.js`]),
  ),
  platform: 'node',
  plugins: [sourceMaps],
  // Nest and TypeORM ask for drivers and transports that nobody has installed.
  checks: { unresolvedImport: false },
  output: {
    dir: 'dist/services',
    // Decorators need reflect-metadata before them, in whatever files the modules come to be.
    strictExecutionOrder: true,
    cleanDir: true,
    chunkFileNames: '[name].js',
    sourcemap: true,
    sourcemapExcludeSources: true,
  },
});
