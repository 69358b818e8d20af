import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// `npm run dev` shows the page of a Misto that runs elsewhere.
const server = process.env.MISTO_URL ?? 'http://127.0.0.1:8080';
const routes = [
  '/api',
  '/auth',
  '/vehicles',
  '/live',
  '/sensors',
  '/transit',
  '/access/',
  '/ogc',
  '/tiles',
  '/dispatch/rejected',
  '/dispatch/transit',
  '/dispatch/access',
];

export default defineConfig({
  plugins: [svelte()],
  server: { proxy: Object.fromEntries(routes.map((route) => [route, server])) },
  build: {
    target: 'es2022',
    // Fonts and pictures stay files: the content-security policy has no `data:` for fonts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    rollupOptions: {
      output: {
        // The map's worker is published as `.mjs`; not every server knows that ending.
        assetFileNames: (asset) =>
          asset.names.some((name) => name.endsWith('.mjs'))
            ? 'assets/[name]-[hash].js'
            : 'assets/[name]-[hash][extname]',
      },
    },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
