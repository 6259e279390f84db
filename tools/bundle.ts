import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
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

/**
 * Nest's module for TypeORM asks at run time for two classes that TypeORM 1 has no more, and loads a
 * second TypeORM to find that out: half of what a start costs.
 */
const oneTypeorm: Plugin = {
  name: 'one-typeorm',
  load: {
    filter: { id: /@nestjs\/typeorm\/dist\/common\/typeorm-compat\.js$/ },
    handler: () => 'export const Connection = undefined, AbstractRepository = undefined;',
  },
};

/** What people, and versions that start beside a busy shop, wait for. */
const COMMANDS = ['bad/bad', 'tail/tail', 'versions/versions', 'start/prepare', 'start/prepared'];

/*
 * Puts each service and command and its libraries into a few files, dist/services: the thousand modules they
 * are made of take Node twice as long to load, at every start and restart.
 */
await build({
  input: Object.fromEntries([
    ...readdirSync('apps').map((service) => [service, `dist/apps/${service}/src/main.js`]),
    ...COMMANDS.map((command) => [basename(command), `dist/tools/${command}.js`]),
  ]),
  platform: 'node',
  plugins: [oneTypeorm, sourceMaps],
  // Nest and TypeORM ask for drivers and transports that nobody has installed.
  checks: { unresolvedImport: false },
  output: {
    dir: 'dist/services',
    // Decorators need reflect-metadata before them, in whatever files the modules come to be.
    strictExecutionOrder: true,
    cleanDir: true,
    chunkFileNames: '[name].js',
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    sourcemap: true,
    sourcemapExcludeSources: true,
  },
});
