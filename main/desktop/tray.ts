import type { MenuItemConstructorOptions } from 'electron';
import type { Snapshot } from '../../shared/stats.ts';
import type { Labels } from './labels.ts';

/** What is used of Electron's `Tray`. */
export type TrayIcon<Menu> = {
  setToolTip(text: string): void;
  setContextMenu(menu: Menu): void;
  on(event: 'click', listener: () => void): unknown;
  destroy(): void;
};

/** What the menu of the tray does. */
export type TrayActions = {
  open: () => void;
  copy: (url: string) => void;
  setPaused: (isPaused: boolean) => void;
  quit: () => void;
};

/** The relay in the tray: how it is, in the tooltip and the menu. */
export type RelayTray = {
  show(snapshot: Snapshot, labels: Labels): void;
  destroy(): void;
};

/** A menu that is open is in the way of a new one. */
const FIGURES_EVERY_MS = 5_000;
const RATE_UNITS = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s'];

/** @param listUrl the address of the list for TVs; undefined while there is no network */
export function createRelayTray<Menu>({
  tray,
  buildMenu,
  platform,
  actions,
  listUrl,
}: {
  tray: TrayIcon<Menu>;
  buildMenu: (template: MenuItemConstructorOptions[]) => Menu;
  platform: NodeJS.Platform;
  actions: TrayActions;
  listUrl: (snapshot: Snapshot) => string | undefined;
}): RelayTray {
  let shownState = '';
  let shownFigures = '';
  let figuresAt = -Infinity;

  // On macOS a click opens the menu.
  if (platform !== 'darwin') tray.on('click', actions.open);

  return {
    show(snapshot, labels) {
      const url = listUrl(snapshot);
      const figures = describeFigures(snapshot, labels);
      const state = [snapshot.status, labels.language, url].join(' ');
      const areFiguresDue = snapshot.at - figuresAt >= FIGURES_EVERY_MS;
      if (state === shownState && (figures === shownFigures || !areFiguresDue)) return;
      shownState = state;
      shownFigures = figures;
      figuresAt = snapshot.at;
      tray.setToolTip(`Hearthcast: ${labels.status[snapshot.status]}\n${figures}`);
      tray.setContextMenu(buildMenu(menuTemplate({ snapshot, labels, figures, url, actions })));
    },
    destroy: () => tray.destroy(),
  };
}

function menuTemplate({
  snapshot,
  labels,
  figures,
  url,
  actions,
}: {
  snapshot: Snapshot;
  labels: Labels;
  figures: string;
  url: string | undefined;
  actions: TrayActions;
}): MenuItemConstructorOptions[] {
  const isPaused = snapshot.status === 'paused';
  return [
    { label: labels.status[snapshot.status], enabled: false },
    { label: figures, enabled: false },
    { type: 'separator' },
    {
      label: labels.copyListUrl,
      enabled: url !== undefined,
      click: () => {
        if (url !== undefined) actions.copy(url);
      },
    },
    { label: labels.open, click: actions.open },
    {
      label: isPaused ? labels.resume : labels.pause,
      enabled: isPaused || snapshot.status === 'running',
      click: () => actions.setPaused(!isPaused),
    },
    { type: 'separator' },
    { label: labels.quit, click: actions.quit },
  ];
}

function describeFigures({ viewers, traffic }: Snapshot, labels: Labels): string {
  const watching = viewers.filter(({ isActive }) => isActive).length;
  if (watching === 0) return labels.nobodyWatches;
  return `${labels.watching(watching)} · ${formatRate(traffic.bytesPerSecond10.toClients, labels.language)}`;
}

function formatRate(bytesPerSecond: number, language: string): string {
  const bits = bytesPerSecond * 8;
  const steps = bits < 1000 ? 0 : Math.min(RATE_UNITS.length - 1, Math.floor(Math.log10(bits) / 3));
  const amount = (bits / 1000 ** steps).toLocaleString(language, { maximumFractionDigits: steps === 0 ? 0 : 1 });
  return `${amount} ${RATE_UNITS[steps] ?? ''}`;
}
