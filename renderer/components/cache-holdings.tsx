import { Button, Progress } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { notifications } from '@mantine/notifications';
import { useAction } from '../use-action.ts';
import { useFormat } from '../use-format.ts';
import { useRelay } from '../use-relay.ts';
import { useSnapshot } from '../use-snapshot.ts';
import './cache-holdings.css';

/** What the cache holds now, and how much it spared. */
export function CacheHoldings(): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const relay = useRelay();
  const cache = useSnapshot((snapshot) => snapshot.cache);
  const { run: clear, isRunning } = useAction(async () => {
    await relay.call('cache.clear', {});
    notifications.show({ message: t('settings.cacheCleared') });
  });
  if (cache === undefined) return null;
  const { memoryBytes, memoryLimitBytes, storeBytes, store, outcomes } = cache;
  const fromCache = outcomes.hitMemory + outcomes.hitRedis + outcomes.coalesced;
  const all = fromCache + outcomes.miss;
  return (
    <div className="cache-holdings">
      <div className="cache-holdings__bar">
        <div className="cache-holdings__figures figures">
          <span>{t('settings.inMemory')}</span>
          <span>
            {t('settings.ofBytes', { bytes: format.bytes(memoryBytes), limit: format.bytes(memoryLimitBytes) })}
          </span>
        </div>
        <Progress
          value={memoryLimitBytes === 0 ? 0 : (memoryBytes / memoryLimitBytes) * 100}
          aria-label={t('settings.inMemory')}
        />
      </div>
      <dl className="cache-holdings__facts figures">
        <div>
          <dt>{t('settings.store')}</dt>
          <dd>{`${storeName(store, t)}${storeBytes === null ? '' : ` · ${format.bytes(storeBytes)}`}`}</dd>
        </div>
        <div>
          <dt>{t('settings.fromCache')}</dt>
          <dd>{all === 0 ? '–' : format.percent(fromCache / all)}</dd>
        </div>
        <div>
          <dt>{t('settings.hiddenErrors')}</dt>
          <dd>{format.count(outcomes.hiddenErrors)}</dd>
        </div>
      </dl>
      <Button variant="default" size="xs" loading={isRunning} onClick={clear}>
        {t('settings.clearCache')}
      </Button>
    </div>
  );
}

/** `redis`, `embedded`, or `embedded: why not Redis`. */
function storeName(store: string, t: ReturnType<typeof useTranslation>['t']): string {
  if (store === 'redis') return t('settings.stores.redis');
  const [, reason = ''] = /^embedded: (.*)$/s.exec(store) ?? [];
  return reason === '' ? t('settings.stores.embedded') : `${t('settings.stores.embedded')} (${reason})`;
}
