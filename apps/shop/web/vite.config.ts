import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import type { Plugin } from 'vite';

const shop = `http://localhost:${process.env['SHOP_PORT'] ?? 4000}`;

export default defineConfig({
  plugins: [react(), preloadFonts(), compressed()],
  build: { outDir: '../../../dist/web', emptyOutDir: true, target: 'es2022' },
  server: { proxy: { '/api': shop, '/pictures': shop } },
});

/** Text that was laid out in another font would jump: what every page is written in comes with it. */
function preloadFonts(): Plugin {
  return {
    name: 'preload-fonts',
    transformIndexHtml: {
      order: 'post',
      handler: (_, { bundle = {} }) =>
        Object.keys(bundle)
          .filter((file) => /-latin-wght-normal.*\.woff2$/.test(file))
          .map((file) => ({
            tag: 'link',
            attrs: {
              rel: 'preload',
              as: 'font',
              type: 'font/woff2',
              href: `/${file}`,
              crossorigin: true,
            },
            injectTo: 'head' as const,
          })),
    },
  };
}

/** What the shop sends to browsers that take it, which is all of them. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    // Vite itself writes in the chunks until the end: they are read from where they lie.
    writeBundle({ dir = '' }, bundle) {
      for (const file of Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name))) {
        const path = join(dir, file);
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
      }
    },
  };
}
