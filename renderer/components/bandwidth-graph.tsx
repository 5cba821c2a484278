import { useMantineColorScheme, useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { HistoryRange } from '../../shared/stats.ts';
import { bitSplits } from '../bit-splits.ts';
import { savedRatio, type Format } from '../format.ts';
import { useFormat } from '../use-format.ts';
import { RANGE_SECONDS, type History } from '../use-history.ts';
import './bandwidth-graph.css';

/** The least top of the scale, so that an idle relay does not show noise as a mountain: 1 Mbit/s. */
const LEAST_TOP_BYTES_PER_SECOND = 125_000;

type Hover = { left: number; at: number; fromSource: number; toClients: number };

type BandwidthGraphProps = { history: History; range: HistoryRange; height: number; isSmall?: boolean };

/** What flowed, from the provider and to the TVs; with the pointer over it, the figures of that moment. */
export function BandwidthGraph({ history, range, height, isSmall = false }: BandwidthGraphProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { colorScheme: chosen } = useMantineColorScheme();
  const colorScheme = useComputedColorScheme('light');
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const newest = useRef(history);
  const [hover, setHover] = useState<Hover>();

  useEffect(() => {
    newest.current = history;
  }, [history]);

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const options = plotOptions({ format, range, height, isSmall, width: element.clientWidth, element });
    options.hooks = { setCursor: [(self) => setHover(hoverOf(self))] };
    const chart = new uPlot(options, toColumns(newest.current, range), element);
    plot.current = chart;
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = undefined;
    };
  }, [format, range, height, isSmall, colorScheme, chosen]);

  useEffect(() => {
    plot.current?.setData(toColumns(history, range));
  }, [history, range]);

  return (
    <div className="bandwidth-graph" style={{ height }}>
      <div ref={place} role="img" aria-label={t('graph.label')} />
      {hover !== undefined && (
        <HoverCard hover={hover} format={format} range={range} width={place.current?.clientWidth ?? 0} />
      )}
    </div>
  );
}

type HoverCardProps = { hover: Hover; format: Format; range: HistoryRange; width: number };

function HoverCard({ hover, format, range, width }: HoverCardProps): ReactNode {
  const { t } = useTranslation();
  const saved = savedRatio(hover);
  const isAtRight = hover.left > width / 2;
  return (
    <div
      className={`bandwidth-graph__hover figures ${isAtRight ? 'bandwidth-graph__hover--left' : ''}`}
      style={{ left: hover.left }}
    >
      <div className="bandwidth-graph__time">
        {range === '10m' ? format.clockWithSeconds(hover.at) : format.dateAndTime(hover.at)}
      </div>
      <dl>
        <dt className="bandwidth-graph__key bandwidth-graph__key--clients">{t('graph.toClients')}</dt>
        <dd>{format.bitRate(hover.toClients)}</dd>
        <dt className="bandwidth-graph__key bandwidth-graph__key--source">{t('graph.fromSource')}</dt>
        <dd>{format.bitRate(hover.fromSource)}</dd>
        {saved !== null && (
          <>
            <dt className="bandwidth-graph__key">{t('graph.saved')}</dt>
            <dd>{format.percent(saved)}</dd>
          </>
        )}
      </dl>
    </div>
  );
}

/** uPlot's columns: seconds, bytes per second to the TVs, and from the provider. */
function toColumns({ samples, stepSeconds }: History, range: HistoryRange): uPlot.AlignedData {
  const times = samples.map(({ at }) => at / 1000);
  const from = (times.at(-1) ?? Date.now() / 1000) - RANGE_SECONDS[range];
  const padded = times.length > 0 && (times[0] ?? 0) > from + stepSeconds;
  const columns: [number[], (number | null)[], (number | null)[]] = [
    times,
    samples.map(({ toClients }) => toClients / stepSeconds),
    samples.map(({ fromSource }) => fromSource / stepSeconds),
  ];
  // Nothing is known of the time before: the scale covers it all the same, so that the curve does not stretch.
  return padded
    ? [
        [from, ...columns[0]],
        [null, ...columns[1]],
        [null, ...columns[2]],
      ]
    : columns;
}

function hoverOf({ cursor, data, over }: uPlot): Hover | undefined {
  const { idx, left } = cursor;
  if (idx === null || idx === undefined || left === undefined || left < 0) return undefined;
  const at = data[0][idx];
  const toClients = data[1]?.[idx];
  const fromSource = data[2]?.[idx];
  if (at === undefined || typeof toClients !== 'number' || typeof fromSource !== 'number') return undefined;
  return { left: left + over.offsetLeft, at: at * 1000, toClients, fromSource };
}

function plotOptions(setting: {
  format: Format;
  range: HistoryRange;
  width: number;
  height: number;
  isSmall: boolean;
  element: HTMLElement;
}): uPlot.Options {
  const { format, range, width, height, isSmall, element } = setting;
  const styles = getComputedStyle(element);
  const color = (name: string): string => styles.getPropertyValue(name).trim();
  const ember = color('--ember');
  const provider = color('--provider');
  const axis = {
    stroke: color('--mantine-color-dimmed'),
    grid: { stroke: color('--grid'), width: 1 },
    ticks: { show: false },
    font: `11px ${styles.fontFamily}`,
  };
  const curve = uPlot.paths.spline?.();
  const line = curve === undefined ? {} : { paths: curve };
  return {
    width,
    height,
    padding: [8, isSmall ? 16 : 10, 0, 0],
    legend: { show: false },
    cursor: {
      drag: { x: false, y: false },
      y: false,
      points: { size: 8, width: 2, fill: color('--mantine-color-body') },
    },
    scales: { y: { range: (_, __, most) => [0, Math.max(LEAST_TOP_BYTES_PER_SECOND, most * 1.12)] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: isSmall ? 70 : 80,
        values: (_, times) =>
          times.map((time) => (range === '30d' ? format.day(time * 1000) : format.clock(time * 1000))),
        size: 28,
      },
      {
        ...axis,
        size: isSmall ? 70 : 82,
        space: isSmall ? 34 : 48,
        splits: (_, __, least, most) => bitSplits(least, most, isSmall ? 3 : 4),
        values: (_, splits) => splits.map((value) => (value === 0 ? '0' : format.roundBitRate(value))),
      },
    ],
    series: [
      {},
      { ...line, stroke: ember, width: isSmall ? 1.5 : 2, fill: (self) => fade(self, ember), points: { show: false } },
      {
        ...line,
        stroke: provider,
        width: isSmall ? 1.5 : 2,
        fill: (self) => fade(self, provider),
        points: { show: false },
      },
    ],
  };
}

function fade({ ctx, bbox }: uPlot, color: string): CanvasGradient {
  const gradient = ctx.createLinearGradient(0, bbox.top, 0, bbox.top + bbox.height);
  gradient.addColorStop(0, `${color}4d`);
  gradient.addColorStop(1, `${color}08`);
  return gradient;
}
