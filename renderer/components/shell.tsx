import { Badge, Tooltip } from '@mantine/core';
import { IconActivity, IconDeviceTv, IconFlame, IconListDetails, IconSettings, type Icon } from '@tabler/icons-react';
import { useEffect, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import iconUrl from '../icon.svg';
import { useFormat } from '../use-format.ts';
import { useConnection } from '../use-relay.ts';
import { routeHref, useRoute, VIEWS, type View } from '../use-route.ts';
import { useSnapshot } from '../use-snapshot.ts';
import { StatusDot, type Tone } from './status-dot.tsx';
import './shell.css';

const ICONS: Record<View, Icon> = {
  home: IconFlame,
  channels: IconListDetails,
  devices: IconDeviceTv,
  activity: IconActivity,
  settings: IconSettings,
};

/** Navigation at the left with the relay's state under it, the view beside it. */
export function Shell({ children }: { children: ReactNode }): ReactNode {
  const { t } = useTranslation();
  const { view } = useRoute();
  const title = `${t(`views.${view}`)} – ${t('shell.brand')}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <div className="shell">
      <a className="shell__skip" href="#main" onClick={focusMain}>
        {t('shell.skip')}
      </a>
      <nav className="shell__nav" aria-label={t('shell.navigation')}>
        <a className="shell__brand" href={routeHref('home')} aria-label={t('shell.brand')}>
          <img src={iconUrl} alt="" width={30} height={30} />
          <span>{t('shell.brand')}</span>
        </a>
        <ul className="shell__links">
          {VIEWS.map((name) => (
            <li key={name}>
              <NavigationLink name={name} isCurrent={name === view} />
            </li>
          ))}
        </ul>
        <RelayState />
      </nav>
      <main className="shell__main" id="main" tabIndex={-1}>
        {children}
      </main>
      <ConnectionNotice />
    </div>
  );
}

/** The address keeps naming the view, so the skip link must not become it. */
function focusMain(event: { preventDefault: () => void }): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

function NavigationLink({ name, isCurrent }: { name: View; isCurrent: boolean }): ReactNode {
  const { t } = useTranslation();
  const problems = useSnapshot(({ problems: all }) => all.length) ?? 0;
  const LinkIcon = ICONS[name];
  return (
    <Tooltip label={t(`views.${name}`)} position="right" classNames={{ tooltip: 'shell__tooltip' }} openDelay={300}>
      <a className="shell__link" href={routeHref(name)} aria-current={isCurrent ? 'page' : undefined}>
        <LinkIcon size={19} stroke={1.7} aria-hidden />
        <span className="shell__label">{t(`views.${name}`)}</span>
        {name === 'home' && problems > 0 && (
          <Badge className="shell__badge" size="sm" circle color="var(--bad-fill)" aria-label={t('home.problems')}>
            {problems}
          </Badge>
        )}
      </a>
    </Tooltip>
  );
}

/** Running or not, who watches, and how much flows: in view wherever one is. */
function RelayState(): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const connection = useConnection();
  const status = useSnapshot((snapshot) => snapshot.status);
  const viewers = useSnapshot(({ viewers: all }) => all.filter(({ isActive }) => isActive).length) ?? 0;
  const rate = useSnapshot(({ traffic }) => traffic.bytesPerSecond.toClients) ?? 0;
  const shown = connection === 'online' && status !== undefined ? status : 'starting';
  return (
    <div className="shell__state" role="group" aria-label={t('shell.state')}>
      <StatusDot tone={toneOf(shown)} isAtWork={shown === 'running' && rate > 0} />
      <span className="shell__label">
        <strong>{t(`status.${connection === 'online' ? shown : 'unreachable'}`)}</strong>
        <span className="figures shell__figures">
          {viewers === 0 ? t('shell.nobody') : `${t('shell.watching', { count: viewers })} · ${format.bitRate(rate)}`}
        </span>
      </span>
    </div>
  );
}

function toneOf(status: 'starting' | 'running' | 'paused' | 'stopping' | 'failed'): Tone {
  switch (status) {
    case 'running':
      return 'good';
    case 'failed':
      return 'bad';
    case 'starting':
    case 'paused':
    case 'stopping':
      return 'warning';
  }
}

/** Lies over the page, so that nothing moves when the connection comes and goes. */
function ConnectionNotice(): ReactNode {
  const { t } = useTranslation();
  const connection = useConnection();
  const isShown = connection === 'offline' || connection === 'refused';
  return (
    <div className="shell__notice-place" role="status">
      {isShown && (
        <div className="shell__notice">
          <StatusDot tone={connection === 'refused' ? 'bad' : 'warning'} isAtWork />
          {t(`shell.${connection}`)}
        </div>
      )}
    </div>
  );
}
