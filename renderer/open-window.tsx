import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createRelay } from './api.ts';
import { App } from './app.tsx';
import { createTranslations, pickLanguage } from './i18n.ts';
import { createLive } from './live.ts';
import { createSavedSettings } from './saved-settings.ts';

/** Puts the window into the page: it is there at once, and fills as the relay answers. */
export async function openWindow(root: HTMLElement): Promise<void> {
  const relay = createRelay(window);
  const live = createLive(relay);
  const savedSettings = createSavedSettings(relay);
  const translations = await createTranslations(pickLanguage('auto', navigator.languages));
  live.open();
  savedSettings.open();
  relay.open();

  createRoot(root).render(
    <StrictMode>
      <App services={{ relay, live, savedSettings }} translations={translations} />
    </StrictMode>,
  );
}
