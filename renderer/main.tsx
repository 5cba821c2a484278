import '@fontsource-variable/inter/opsz.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './styles.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import * as z from 'zod';
import { createRelay } from './api.ts';
import { App } from './app.tsx';
import { createTranslations, pickLanguage } from './i18n.ts';
import { createLive } from './live.ts';
import { createSavedSettings } from './saved-settings.ts';

/** Starts the window: the page is on screen at once, and fills as the relay answers. */
async function main(): Promise<void> {
  // The content security policy forbids code made of strings, which zod would try.
  z.config({ jitless: true });
  const relay = createRelay(window);
  const live = createLive(relay);
  const savedSettings = createSavedSettings(relay);
  const translations = await createTranslations(pickLanguage('auto', navigator.languages));
  live.open();
  savedSettings.open();
  relay.open();

  const root = document.getElementById('root');
  if (root === null) throw new Error('the page has no place for the app');
  createRoot(root).render(
    <StrictMode>
      <App services={{ relay, live, savedSettings }} translations={translations} />
    </StrictMode>,
  );
}

void main();
