import type { SettingsEdit } from '../../shared/contract.ts';
import type { Ask } from './relay-process.ts';
import { newest, type Story } from './under-fire.ts';

type Saved = Required<Pick<SettingsEdit, 'theme' | 'language' | 'closeToTray' | 'userAgent' | 'lanHosts'>>;

/** Settings are saved over and over: most touch the window alone, some restart the relay, and the file grows and shrinks. */
export const settingsStory: Story<Saved> = {
  name: 'settings',
  mostBefore: 3,

  async begin(ask) {
    const first: Saved = { theme: 'light', language: 'en', closeToTray: true, userAgent: 'first', lanHosts: [] };
    await ask('settings.save', { settings: first });
    return first;
  },

  next(past, random) {
    const pick = <Item>(...items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
    const settings: Saved = {
      ...newest(past),
      theme: pick('auto', 'light', 'dark'),
      language: pick('auto', 'en', 'zh'),
      closeToTray: pick(true, false),
    };
    const restarts = random() < 0.3;
    if (restarts) settings.userAgent = `agent ${random()}`;
    if (restarts)
      settings.lanHosts = Array.from({ length: Math.floor(random() * 500) }, (_, index) => `nas-${index}.example`);
    // Undoing is for channels: what was saved before is no way back.
    return {
      kind: restarts ? 'saving settings that restart the relay' : 'saving settings',
      perform: (ask) => ask('settings.save', { settings }),
      after: [settings],
    };
  },

  observe: observeSettings,
  linesOf: (saved) => toLines(saved),
};

async function observeSettings(ask: Ask): Promise<string[]> {
  const { theme, language, closeToTray, userAgent, lanHosts } = await ask('settings.get', {});
  return toLines({ theme, language, closeToTray, userAgent, lanHosts });
}

function toLines(saved: Saved): string[] {
  return Object.entries(saved)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
    .toSorted();
}
