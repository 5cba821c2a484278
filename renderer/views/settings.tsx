import { Button, Select } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { EditableSettings } from '../../shared/contract.ts';
import { AboutSection } from '../components/about-section.tsx';
import { BackupSection } from '../components/backup-section.tsx';
import { CacheHoldings } from '../components/cache-holdings.tsx';
import { LanAddressSetting } from '../components/lan-address-setting.tsx';
import { RedisSetting } from '../components/redis-setting.tsx';
import {
  NumberSetting,
  SettingsFormContext,
  SwitchSetting,
  TagsSetting,
  TextSetting,
} from '../components/settings-fields.tsx';
import { SettingsNav } from '../components/settings-nav.tsx';
import { SettingRow, SettingsSection } from '../components/settings-section.tsx';
import { toRelayError } from '../failure.ts';
import { findFieldErrors, type FieldErrors } from '../field-error.ts';
import { useAction } from '../use-action.ts';
import { useFormat } from '../use-format.ts';
import { useRelay } from '../use-relay.ts';
import { useSettings } from '../use-settings.ts';
import './settings.css';

const LANGUAGES = ['auto', 'en', 'zh'] as const;
const THEMES = ['auto', 'light', 'dark'] as const;
const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** What is nothing to TVs. */
const APP_SETTINGS: readonly (keyof EditableSettings)[] = ['startAtLogin', 'closeToTray', 'keepAwake'];
/** What their address depends on. */
const ADDRESS_SETTINGS: readonly (keyof EditableSettings)[] = ['host', 'port'];

/** Everything there is to set, each with what it does. */
export function SettingsView(): ReactNode {
  const { t } = useTranslation();
  const { settings } = useSettings();
  return (
    <div className="page">
      <div className="page__inner settings">
        <header className="page__title">
          <h1 className="settings__title">{t('views.settings')}</h1>
        </header>
        {settings !== undefined && (
          <div className="settings__columns">
            <SettingsNav />
            <SettingsForm saved={settings} />
          </div>
        )}
      </div>
    </div>
  );
}

function SettingsForm({ saved }: { saved: EditableSettings }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { save } = useSettings();
  const { isDesktop } = useRelay();
  const [draft, setDraft] = useState<Partial<EditableSettings>>({});
  const [refused, setRefused] = useState<FieldErrors>({});
  const values = { ...saved, ...draft };
  const changed = namesOf(draft).filter((name) => JSON.stringify(draft[name]) !== JSON.stringify(saved[name]));
  const wrong = findFieldErrors(t, draft);
  const errors = { ...refused, ...wrong };
  const change = (part: Partial<EditableSettings>): void => {
    setDraft({ ...draft, ...part });
    setRefused({});
  };
  const { run: submit, isRunning } = useAction(async () => {
    try {
      const { restarted } = await save(Object.fromEntries(changed.map((name) => [name, draft[name]])));
      setDraft({});
      notifications.show({ message: restarted ? t('settings.savedAndInForce') : t('settings.saved') });
    } catch (error) {
      const failure = toRelayError(error);
      // `allow.0` is the first entry of the field `allow`.
      const [field = ''] = failure.field?.split('.') ?? [];
      if (!Object.hasOwn(saved, field)) throw error;
      setRefused({ [field]: format.sentence(failure.sentence) });
    }
  });
  return (
    <SettingsFormContext value={{ values, errors, change }}>
      <form
        className="settings__form"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <AppearanceSection saved={saved} />
        <SettingsSection id="network" title={t('settings.network')}>
          <SettingRow>
            <NumberSetting name="port" />
            <TextSetting name="host" />
          </SettingRow>
          <LanAddressSetting />
          <SwitchSetting name="announce" />
        </SettingsSection>
        <SettingsSection id="access" title={t('settings.access')}>
          <SettingRow>
            <TagsSetting name="allow" placeholder="203.0.113.0/24" />
            <TagsSetting name="deny" placeholder="192.168.1.66/32" />
          </SettingRow>
          <TextSetting name="accessKey" />
        </SettingsSection>
        <SettingsSection id="cache" title={t('settings.cache')}>
          <CacheHoldings />
          <SettingRow>
            <NumberSetting name="memoryCacheMiB" unit=" MiB" />
            <NumberSetting name="embeddedStoreMiB" unit=" MiB" />
          </SettingRow>
          <RedisSetting />
          <SwitchSetting name="prefetch" />
        </SettingsSection>
        <SettingsSection id="providers" title={t('settings.providers')}>
          <TextSetting name="userAgent" />
          <SwitchSetting name="nightlyCheck" />
          <SettingRow>
            <NumberSetting name="streamsPerHost" />
            <NumberSetting name="connectionsPerHost" />
          </SettingRow>
          <TextSetting name="upstreamProxy" placeholder="http://127.0.0.1:3128" />
          <TagsSetting name="lanHosts" placeholder="nas.example.com" />
        </SettingsSection>
        <SettingsSection id="computer" title={t('settings.computer')}>
          {isDesktop && (
            <>
              <SwitchSetting name="startAtLogin" />
              <SwitchSetting name="closeToTray" />
              <SwitchSetting name="keepAwake" />
            </>
          )}
          <Select
            maw={320}
            label={t('settings.logLevel')}
            description={t('settings.logLevelHint')}
            allowDeselect={false}
            value={values.logLevel}
            onChange={(value) => change({ logLevel: LOG_LEVELS.find((known) => known === value) ?? 'info' })}
            data={LOG_LEVELS.map((value) => ({ value, label: t(`settings.logLevels.${value}`) }))}
          />
        </SettingsSection>
        <BackupSection />
        <AboutSection />
        {changed.length > 0 && (
          <div className="settings__bar" role="region" aria-label={t('settings.unsaved')}>
            <span className="settings__note">{t(`settings.${effectOf(changed)}`)}</span>
            <Button variant="default" onClick={() => setDraft({})}>
              {t('action.discard')}
            </Button>
            <Button type="submit" loading={isRunning} disabled={Object.keys(wrong).length > 0}>
              {t('action.save')}
            </Button>
          </div>
        )}
      </form>
    </SettingsFormContext>
  );
}

function namesOf(settings: Partial<EditableSettings>): (keyof EditableSettings)[] {
  return Object.keys(settings) as (keyof EditableSettings)[];
}

/** Language and theme show what they do the moment they are chosen. */
function AppearanceSection({ saved }: { saved: EditableSettings }): ReactNode {
  const { t } = useTranslation();
  const { save } = useSettings();
  const { run } = useAction(async (part: Partial<EditableSettings>) => {
    await save(part);
  });
  return (
    <SettingsSection id="appearance" title={t('settings.appearance')}>
      <SettingRow>
        <Select
          label={t('settings.language')}
          allowDeselect={false}
          value={saved.language}
          onChange={(value) => run({ language: LANGUAGES.find((known) => known === value) ?? 'auto' })}
          data={LANGUAGES.map((value) => ({ value, label: t(`settings.languages.${value}`) }))}
        />
        <Select
          label={t('settings.theme')}
          allowDeselect={false}
          value={saved.theme}
          onChange={(value) => run({ theme: THEMES.find((known) => known === value) ?? 'auto' })}
          data={THEMES.map((value) => ({ value, label: t(`settings.themes.${value}`) }))}
        />
      </SettingRow>
    </SettingsSection>
  );
}

/** What saving means to TVs, as a name of a sentence. */
function effectOf(changed: readonly (keyof EditableSettings)[]): 'unsaved' | 'inForceAtOnce' | 'moves' {
  if (changed.some((name) => ADDRESS_SETTINGS.includes(name))) return 'moves';
  return changed.every((name) => APP_SETTINGS.includes(name)) ? 'unsaved' : 'inForceAtOnce';
}
