import { ActionIcon, Button, Popover, Text, Tooltip } from '@mantine/core';
import { IconPlayerPlayFilled, IconQrcode } from '@tabler/icons-react';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChannelDetail, Diagnosis } from '../../shared/contract.ts';
import { useAction } from '../use-action.ts';
import { useFormat } from '../use-format.ts';
import { useLanUrl } from '../use-lan-url.ts';
import { useRelay } from '../use-relay.ts';
import { useSnapshot } from '../use-snapshot.ts';
import { CopyIconButton } from './copy-button.tsx';
import { LazyBandwidthGraph } from './lazy-bandwidth-graph.tsx';
import { QrCode } from './qr-code.tsx';
import { StatusDot, type Tone } from './status-dot.tsx';
import './channel-watch.css';

const Preview = lazy(async () => ({ default: (await import('./channel-preview.tsx')).ChannelPreview }));

/** How the channel plays: its address, a preview, what is wrong with it, and what flows. */
export function ChannelWatch({ channel }: { channel: ChannelDetail }): ReactNode {
  const { t } = useTranslation();
  const url = useLanUrl(channel.path);
  return (
    <>
      <section className="panel-section">
        <PreviewBox path={channel.path} />
      </section>
      {url !== undefined && (
        <section className="panel-section">
          <h3 className="panel-section__title">{t('panel.address')}</h3>
          <div className="panel-url">
            <span className="mono panel-url__text">{url}</span>
            <CopyIconButton text={url} label={t('panel.copyAddress')} />
            <Popover position="bottom-end" withArrow>
              <Popover.Target>
                <Tooltip label={t('panel.showQr')}>
                  <ActionIcon variant="subtle" color="gray" aria-label={t('panel.showQr')}>
                    <IconQrcode size={17} aria-hidden />
                  </ActionIcon>
                </Tooltip>
              </Popover.Target>
              <Popover.Dropdown p={8}>
                <QrCode text={url} size={180} />
              </Popover.Dropdown>
            </Popover>
          </div>
        </section>
      )}
      <DiagnosisSection channel={channel} />
      <section className="panel-section">
        <h3 className="panel-section__title">{t('panel.traffic')}</h3>
        <LazyBandwidthGraph channelId={channel.id} range="10m" height={130} isSmall />
      </section>
    </>
  );
}

/** A place for the picture; nothing is loaded before somebody wants to see it. */
function PreviewBox({ path }: { path: string }): ReactNode {
  const { t } = useTranslation();
  const relay = useRelay();
  const port = useSnapshot(({ relayPort }) => relayPort);
  const [isPlaying, setPlaying] = useState(false);
  return (
    <div className="preview-box">
      {isPlaying && port !== undefined ? (
        <Suspense fallback={<Text size="sm">{t('preview.loading')}</Text>}>
          <Preview url={`http://${relay.host}:${port}${path}`} onStop={() => setPlaying(false)} />
        </Suspense>
      ) : (
        <Button
          variant="white"
          color="dark"
          radius="xl"
          leftSection={<IconPlayerPlayFilled size={15} aria-hidden />}
          onClick={() => setPlaying(true)}
        >
          {t('preview.play')}
        </Button>
      )}
    </div>
  );
}

function DiagnosisSection({ channel }: { channel: ChannelDetail }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const relay = useRelay();
  const [diagnosis, setDiagnosis] = useState<Diagnosis>();
  const { run: check, isRunning } = useAction(async () => {
    setDiagnosis(await relay.call('health.check', { id: channel.id }));
  });
  const betterHeaders = diagnosis?.betterHeaders ?? null;
  const { run: takeHeaders } = useAction(async () => {
    if (diagnosis === undefined || betterHeaders === null) return;
    const { source } = diagnosis;
    await relay.call('health.applyHeaders', { id: channel.id, source, headers: betterHeaders });
    setDiagnosis(await relay.call('health.check', { id: channel.id, source }));
  });
  const verdict = diagnosis?.verdict ?? channel.health;
  const sentence = diagnosis?.sentence ?? channel.healthSentence;
  return (
    <section className="panel-section">
      <h3 className="panel-section__title">{t('panel.diagnosis')}</h3>
      <div className="diagnosis" aria-live="polite">
        <StatusDot tone={toneOf(verdict)} />
        <span className="diagnosis__sentence">
          {sentence === null ? t(`health.${verdict}`) : format.sentence(sentence)}
        </span>
        <Button size="compact-sm" variant="default" loading={isRunning} onClick={check}>
          {t('channels.check')}
        </Button>
      </div>
      {diagnosis !== undefined && (
        <ul className="panel-findings">
          {diagnosis.findings.map((finding) => (
            <li key={finding.text}>{format.sentence(finding)}</li>
          ))}
          <li>{t('panel.checkedAt', { time: format.clockWithSeconds(diagnosis.checkedAt) })}</li>
        </ul>
      )}
      {betterHeaders !== null && (
        <Button mt="sm" size="xs" onClick={takeHeaders}>
          {t('panel.takeHeaders', { names: Object.keys(betterHeaders).join(', ') })}
        </Button>
      )}
    </section>
  );
}

function toneOf(verdict: ChannelDetail['health']): Tone {
  switch (verdict) {
    case 'plays':
      return 'good';
    case 'warning':
      return 'warning';
    case 'broken':
      return 'bad';
    case 'unknown':
      return 'neutral';
  }
}
