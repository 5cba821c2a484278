import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import path from 'node:path';
import { writeNotices } from './packaging/notices.ts';

const notices = writeNotices({ root: path.resolve(import.meta.dirname, '..') });

/**
 * What is built: the two entries, as ES modules whose dependencies stay outside them, in node_modules; the preload script, which is
 * CommonJS because it runs in a sandbox; and the window. The last two hold everything they need. No file of the window becomes a
 * data URL, because its content security policy allows them for pictures only.
 */
export default defineConfig({
  main: {
    plugins: [notices.collect],
    build: {
      outDir: 'out/main',
      target: 'node24',
      minify: true,
      sourcemap: true,
      rolldownOptions: { input: { index: 'main/index.ts', headless: 'main/headless.ts' } },
    },
  },
  preload: {
    plugins: [notices.collect],
    build: {
      outDir: 'out/preload',
      target: 'node24',
      minify: true,
      rolldownOptions: {
        input: { preload: 'main/desktop/preload.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    plugins: [react(), notices.write],
    build: {
      outDir: 'out/renderer',
      emptyOutDir: true,
      target: 'chrome140',
      minify: true,
      assetsInlineLimit: 0,
      rolldownOptions: { input: 'renderer/index.html' },
    },
  },
});
