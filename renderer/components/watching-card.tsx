import { Anchor } from '@mantine/core';
import { IconDeviceTv } from '@tabler/icons-react';
import { memo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Viewer } from '../../shared/stats.ts';
import { useFormat } from '../use-format.ts';
import { routeHref } from '../use-route.ts';
import { useSnapshot } from '../use-snapshot.ts';
import './watching-card.css';

const SHOWN = 6;

/** Who watches what, now. */
export function WatchingCard(): ReactNode {
  const { t } = useTranslation();
  const viewers = useSnapshot((snapshot) => snapshot.viewers) ?? [];
  const active = viewers.filter(({ isActive }) => isActive);
  return (
    <section className="card watching-card" aria-labelledby="watching-title">
      <h2 id="watching-title" className="watching-card__title">
        {t('home.watching')}
      </h2>
      {active.length === 0 ? (
        <p className="watching-card__none">{t('home.nobodyWatches')}</p>
      ) : (
        <ul className="watching-card__list">
          {active.slice(0, SHOWN).map((viewer) => (
            <WatchingRow key={viewer.id} viewer={viewer} />
          ))}
        </ul>
      )}
      {active.length > SHOWN && (
        <Anchor href={routeHref('devices')} size="sm">
          {t('home.moreDevices', { count: active.length - SHOWN })}
        </Anchor>
      )}
    </section>
  );
}

const WatchingRow = memo(function WatchingRow({ viewer }: { viewer: Viewer }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <li className="watching-card__row">
      <span className="watching-card__icon">
        <IconDeviceTv size={18} stroke={1.6} aria-hidden />
      </span>
      <span className="watching-card__who">
        <span className="truncate watching-card__channel">{viewer.channelName}</span>
        <span className="truncate watching-card__device">
          {viewer.device} · {t('home.since', { time: format.clock(viewer.since) })}
        </span>
      </span>
      <span className="figures watching-card__rate">
        {format.bitRate(viewer.bytesPerSecond)}
        {viewer.stalls > 0 && (
          <span className="watching-card__stalls">{t('devices.stallCount', { count: viewer.stalls })}</span>
        )}
      </span>
    </li>
  );
});
