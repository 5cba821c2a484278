import { defineConfig } from 'electron-vite';

/** What is built: the headless entry, as one ES module. Dependencies stay outside it, in node_modules. */
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      target: 'node24',
      minify: true,
      sourcemap: true,
      rolldownOptions: { input: { headless: 'main/headless.ts' } },
    },
  },
});
