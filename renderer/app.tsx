import { MantineProvider, useMantineColorScheme } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import type { i18n } from 'i18next';
import { useEffect, useMemo, type ReactNode } from 'react';
import { I18nextProvider, useTranslation } from 'react-i18next';
import { ListDropZone } from './components/list-drop-zone.tsx';
import { Shell } from './components/shell.tsx';
import { createFormat } from './format.ts';
import { pickLanguage } from './i18n.ts';
import { ServicesContext, type Services } from './relay-context.ts';
import { resolveVariables, theme } from './theme.ts';
import { FormatContext } from './use-format.ts';
import { useRoute } from './use-route.ts';
import { useSettings } from './use-settings.ts';
import { Activity } from './views/activity.tsx';
import { Channels } from './views/channels.tsx';
import { Devices } from './views/devices.tsx';
import { Home } from './views/home.tsx';
import { SettingsView } from './views/settings.tsx';

/** The whole window: what every view needs, around the view that the address names. */
export function App({ services, translations }: { services: Services; translations: i18n }): ReactNode {
  return (
    <ServicesContext value={services}>
      <I18nextProvider i18n={translations}>
        <MantineProvider theme={theme} cssVariablesResolver={resolveVariables} defaultColorScheme="auto">
          <Localised>
            <Notifications position="bottom-right" limit={3} />
            <ListDropZone>
              <Shell>
                <CurrentView />
              </Shell>
            </ListDropZone>
          </Localised>
        </MantineProvider>
      </I18nextProvider>
    </ServicesContext>
  );
}

/** Follows the language and the theme of the settings, at once and without a reload. */
function Localised({ children }: { children: ReactNode }): ReactNode {
  const { i18n: translations } = useTranslation();
  const { setColorScheme } = useMantineColorScheme();
  const { settings } = useSettings();
  const language = settings === undefined ? undefined : pickLanguage(settings.language, navigator.languages);
  const colorScheme = settings?.theme;

  useEffect(() => {
    if (language !== undefined) void translations.changeLanguage(language);
  }, [translations, language]);
  useEffect(() => {
    document.documentElement.lang = translations.language === 'zh' ? 'zh-CN' : 'en';
  }, [translations.language]);
  useEffect(() => {
    if (colorScheme !== undefined) setColorScheme(colorScheme);
  }, [setColorScheme, colorScheme]);

  const format = useMemo(() => createFormat(translations.language), [translations.language]);
  return <FormatContext value={format}>{children}</FormatContext>;
}

function CurrentView(): ReactNode {
  const { view, detail } = useRoute();
  switch (view) {
    case 'home':
      return <Home />;
    case 'channels':
      return <Channels openId={detail} />;
    case 'devices':
      return <Devices />;
    case 'activity':
      return <Activity />;
    case 'settings':
      return <SettingsView />;
  }
}
