import { ActionIcon, Tooltip } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../use-action.ts';
import { useCommand } from '../use-command.ts';
import { useFormat } from '../use-format.ts';
import { useLanUrl } from '../use-lan-url.ts';
import { useRelay, useRevision } from '../use-relay.ts';
import { CopyIconButton } from './copy-button.tsx';
import './guide-section.css';

/** The programme guide that comes with the lists: what is in it, and its address. Nothing where no list names one. */
export function GuideSection(): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const relay = useRelay();
  const { value: guide, reload } = useCommand('guide.get', {}, useRevision());
  const url = useLanUrl('/guide.xml');
  const { run: refresh, isRunning } = useAction(async () => {
    await relay.call('guide.refresh', {});
    reload();
  });
  if (guide === undefined || guide.sources === 0) return null;
  return (
    <section className="guide" aria-label={t('guide.title')}>
      <div className="guide__head">
        <h3 className="guide__title">{t('guide.title')}</h3>
        <Tooltip label={t('lists.refresh')}>
          <ActionIcon variant="default" aria-label={t('guide.refresh')} loading={isRunning} onClick={() => refresh()}>
            <IconRefresh size={16} />
          </ActionIcon>
        </Tooltip>
      </div>
      <p className="guide__text">
        {guide.builtAt === null
          ? t('guide.loading')
          : t('guide.state', {
              channels: format.count(guide.channels),
              programmes: format.count(guide.programmes),
              time: format.dateAndTime(guide.builtAt),
            })}
      </p>
      {guide.failed > 0 && (
        <p className="guide__failure">{t('guide.failed', { count: guide.failed, sources: guide.sources })}</p>
      )}
      {url !== undefined && (
        <div className="guide__address">
          <code className="truncate">{url}</code>
          <CopyIconButton text={url} label={t('guide.copy')} />
        </div>
      )}
      <p className="guide__text">{t('guide.hint')}</p>
    </section>
  );
}
