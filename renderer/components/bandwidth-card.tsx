import { SegmentedControl } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { HistoryRange } from '../../shared/stats.ts';
import { savedRatio } from '../format.ts';
import { useFormat } from '../use-format.ts';
import { useSnapshot } from '../use-snapshot.ts';
import { LazyBandwidthGraph } from './lazy-bandwidth-graph.tsx';
import './bandwidth-card.css';

const NONE = { fromSource: 0, toClients: 0 };

/** What flows, as three figures and a graph. */
export function BandwidthCard(): ReactNode {
  const { t } = useTranslation();
  const [range, setRange] = useState<HistoryRange>('10m');
  return (
    <section className="card" aria-labelledby="bandwidth-title">
      <div className="bandwidth-card__head">
        <h2 id="bandwidth-title" className="bandwidth-card__title">
          {t('graph.title')}
        </h2>
        <SegmentedControl
          size="xs"
          aria-label={t('graph.range')}
          value={range}
          onChange={(value) => setRange(HistoryRange.parse(value))}
          data={HistoryRange.options.map((value) => ({ value, label: t(`graph.ranges.${value}`) }))}
        />
      </div>
      <Figures />
      <LazyBandwidthGraph range={range} channelId={null} height={186} />
    </section>
  );
}

function Figures(): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useSnapshot(({ traffic }) => traffic.bytesPerSecond) ?? NONE;
  const total = useSnapshot(({ traffic }) => traffic.totalBytes) ?? NONE;
  const saved = savedRatio(total);
  return (
    <dl className="bandwidth-card__figures figures">
      <Figure name={t('graph.toClients')} tone="clients" value={format.bitRate(now.toClients)}>
        {t('graph.total', { bytes: format.bytes(total.toClients) })}
      </Figure>
      <Figure name={t('graph.fromSource')} tone="source" value={format.bitRate(now.fromSource)}>
        {t('graph.total', { bytes: format.bytes(total.fromSource) })}
      </Figure>
      <Figure name={t('graph.saved')} tone="saved" value={saved === null ? '–' : format.percent(saved)}>
        {t('graph.total', { bytes: format.bytes(Math.max(0, total.toClients - total.fromSource)) })}
      </Figure>
    </dl>
  );
}

type FigureProps = { name: string; tone: 'clients' | 'source' | 'saved'; value: string; children: ReactNode };

function Figure({ name, tone, value, children }: FigureProps): ReactNode {
  return (
    <div className={`bandwidth-card__figure bandwidth-card__figure--${tone}`}>
      <dt>{name}</dt>
      <dd>
        <span className="bandwidth-card__value">{value}</span>
        <span className="bandwidth-card__more">{children}</span>
      </dd>
    </div>
  );
}
