import { Button } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { AddDialog, type AddMode } from '../components/add-dialog.tsx';
import { AddressCard } from '../components/address-card.tsx';
import { BandwidthCard } from '../components/bandwidth-card.tsx';
import { FirstSteps } from '../components/first-steps.tsx';
import { ProblemsCard } from '../components/problems-card.tsx';
import { WatchingCard } from '../components/watching-card.tsx';
import { useAction } from '../use-action.ts';
import { useCommand } from '../use-command.ts';
import { useFormat } from '../use-format.ts';
import { useRelay } from '../use-relay.ts';
import { useSnapshot } from '../use-snapshot.ts';
import './home.css';

/** Is it running, what to type into the TV, and what flows; before the first picture, the way there. */
export function Home(): ReactNode {
  const [adding, setAdding] = useState<AddMode>();
  const isReady = useSnapshot(() => true) ?? false;
  const isFirstRun = useIsFirstRun();
  return (
    <div className="page">
      <div className="page__inner">
        <HomeTitle />
        {isReady && (
          <div className="home__cards">
            {isFirstRun ? (
              <FirstSteps onAddList={() => setAdding('list')} onAddChannel={() => setAdding('channel')} />
            ) : (
              <AddressCard />
            )}
            {!isFirstRun && <BandwidthCard />}
            <div className="home__pair">
              {!isFirstRun && <WatchingCard />}
              <ProblemsCard />
            </div>
          </div>
        )}
      </div>
      <AddDialog mode={adding} onClose={() => setAdding(undefined)} />
    </div>
  );
}

/** Until there are channels and a device has come in. */
function useIsFirstRun(): boolean {
  const hasChannels = useSnapshot(({ channelCount }) => channelCount > 0);
  const isWatched = useSnapshot(({ traffic, viewers }) => traffic.totalBytes.toClients > 0 || viewers.length > 0);
  const { value } = useCommand('viewers.query', hasChannels === true && isWatched === false ? { limit: 1 } : null);
  if (hasChannels === false) return true;
  return isWatched === false && value?.total === 0;
}

function HomeTitle(): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const relay = useRelay();
  const status = useSnapshot((snapshot) => snapshot.status) ?? 'starting';
  const channelCount = useSnapshot((snapshot) => snapshot.channelCount) ?? 0;
  const startedAt = useSnapshot((snapshot) => snapshot.startedAt);
  const isPaused = status === 'paused';
  const { run, isRunning } = useAction(async () => {
    await relay.call('app.pause', { paused: !isPaused });
  });
  const PauseIcon = isPaused ? IconPlayerPlay : IconPlayerPause;
  return (
    <header className="page__title">
      <div>
        <h1 className="home__title">{t(`home.title.${status}`)}</h1>
        <p className="home__subtitle">
          {startedAt === undefined
            ? t('home.connecting')
            : t('home.subtitle', {
                count: channelCount,
                channels: format.count(channelCount),
                time: format.dateAndTime(startedAt),
              })}
        </p>
      </div>
      {(status === 'running' || isPaused) && (
        <Button
          variant={isPaused ? 'filled' : 'default'}
          leftSection={<PauseIcon size={16} aria-hidden />}
          loading={isRunning}
          onClick={run}
        >
          {isPaused ? t('home.resume') : t('home.pause')}
        </Button>
      )}
    </header>
  );
}
