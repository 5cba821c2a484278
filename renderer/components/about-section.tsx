import { Button, Progress } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { UpdateState } from '../../shared/contract.ts';
import { useAction } from '../use-action.ts';
import { useFormat } from '../use-format.ts';
import { useRelay } from '../use-relay.ts';
import { useSnapshot } from '../use-snapshot.ts';
import { useUpdates } from '../use-updates.ts';
import { NoticesButton } from './notices-dialog.tsx';
import { SettingsSection } from './settings-section.tsx';
import './about-section.css';

/** Which version this is, since when it runs, and the way to a newer one. */
export function AboutSection(): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const version = useSnapshot((snapshot) => snapshot.version) ?? '';
  const startedAt = useSnapshot((snapshot) => snapshot.startedAt) ?? 0;
  const updates = useUpdates();
  return (
    <SettingsSection id="about" title={t('settings.about')}>
      <p className="about__version">
        {t('settings.version', { version })}
        <br />
        {t('settings.runningSince', { time: format.dateAndTime(startedAt) })}
      </p>
      {updates !== undefined && (
        <div className="about__updates">
          <div className="about__state" role="status">
            <UpdateText state={updates} />
          </div>
          <UpdateButton state={updates} />
        </div>
      )}
      <div>
        <NoticesButton />
      </div>
    </SettingsSection>
  );
}

function UpdateText({ state }: { state: UpdateState }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  switch (state.kind) {
    case 'off':
      return t(`updates.off.${state.reason}`);
    case 'idle':
      if (state.checkedAt === null) return t('updates.notChecked');
      return t('updates.upToDate', { time: format.dateAndTime(state.checkedAt) });
    case 'checking':
      return t('updates.checking');
    case 'available':
      return t('updates.available', { version: state.version });
    case 'downloading': {
      const text = t('updates.downloading', { version: state.version, percent: format.percent(state.percent / 100) });
      return (
        <>
          {text}
          <Progress value={state.percent} size="sm" mt={6} aria-label={text} />
        </>
      );
    }
    case 'ready':
      return t('updates.ready', { version: state.version });
    case 'failed':
      return t(`updates.failed.${state.step}`);
  }
}

function UpdateButton({ state }: { state: UpdateState }): ReactNode {
  const { t } = useTranslation();
  const relay = useRelay();
  const { run } = useAction(async (name: 'updates.check' | 'updates.download' | 'updates.restart') => {
    await relay.call(name, {});
  });
  switch (state.kind) {
    case 'off':
    case 'downloading':
      return null;
    case 'idle':
    case 'checking':
    case 'failed':
      return (
        <Button variant="default" loading={state.kind === 'checking'} onClick={() => run('updates.check')}>
          {t('updates.check')}
        </Button>
      );
    case 'available':
      return <Button onClick={() => run('updates.download')}>{t('updates.download')}</Button>;
    case 'ready':
      return <Button onClick={() => run('updates.restart')}>{t('updates.restart')}</Button>;
  }
}
