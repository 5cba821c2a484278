import { registerHooks } from 'node:module';

/* For `node --import`: gives the desktop entry the stand-in where it asks for Electron. */

const STAND_IN = new URL('electron-module.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: STAND_IN, shortCircuit: true } : next(specifier, context),
});
