import { ActionIcon, Tooltip } from '@mantine/core';
import HlsPlayer, { ErrorTypes, Events } from 'hls.js';
import { IconPlayerStopFilled, IconVolume, IconVolumeOff } from '@tabler/icons-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

type State = 'loading' | 'playing' | 'failed' | 'unsupported';

/** Plays a channel as a TV would get it, without sound until somebody asks for it. */
export function ChannelPreview({ url, onStop }: { url: string; onStop: () => void }): ReactNode {
  const { t } = useTranslation();
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<State>('loading');
  const [isMuted, setMuted] = useState(true);

  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    if (!HlsPlayer.isSupported()) return setState('unsupported');
    setState('loading');
    return play(element, url, setState);
  }, [url]);

  const VolumeIcon = isMuted ? IconVolumeOff : IconVolume;
  const volumeLabel = isMuted ? t('preview.unmute') : t('preview.mute');
  return (
    <>
      {/* The captions of a live channel come with its stream. */}
      <video
        ref={video}
        muted={isMuted}
        playsInline
        aria-label={t('preview.label')}
        onPlaying={() => setState('playing')}
        onClick={() => setMuted(false)}
      />
      {state !== 'playing' && (
        <div className="preview-box__message" role="status">
          {t(`preview.${state}`)}
        </div>
      )}
      <div className="preview-box__buttons">
        <Tooltip label={volumeLabel}>
          <ActionIcon variant="filled" color="dark" aria-label={volumeLabel} onClick={() => setMuted(!isMuted)}>
            <VolumeIcon size={17} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t('preview.stop')}>
          <ActionIcon variant="filled" color="dark" aria-label={t('preview.stop')} onClick={onStop}>
            <IconPlayerStopFilled size={15} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </div>
    </>
  );
}

/** Plays until the function it returns is called. A bad picture is recovered from once, as players do. */
function play(element: HTMLVideoElement, url: string, onState: (state: State) => void): () => void {
  // A worker would come from a blob, which the content security policy has no need to allow otherwise.
  const hls = new HlsPlayer({ enableWorker: false, maxBufferLength: 15 });
  let recoveries = 0;
  hls.on(Events.MANIFEST_PARSED, () => {
    element.play().catch(() => onState('failed'));
  });
  hls.on(Events.ERROR, (_, { fatal, type }) => {
    if (!fatal) return;
    if (type === ErrorTypes.MEDIA_ERROR && recoveries++ === 0) return hls.recoverMediaError();
    onState('failed');
  });
  hls.loadSource(url);
  hls.attachMedia(element);
  return () => hls.destroy();
}
