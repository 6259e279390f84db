import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const shop = `http://localhost:${process.env['SHOP_PORT'] ?? 4000}`;

export default defineConfig({
  plugins: [react()],
  build: { outDir: '../../../dist/web', emptyOutDir: true, target: 'es2022' },
  server: { proxy: { '/api': shop, '/pictures': shop } },
});
