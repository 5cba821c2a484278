import { ActionIcon, TextInput, Tooltip } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { memo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Viewer } from '../../shared/stats.ts';
import { useAction } from '../use-action.ts';
import { useFormat } from '../use-format.ts';
import { useRelay } from '../use-relay.ts';
import { routeHref } from '../use-route.ts';
import { useSnapshot } from '../use-snapshot.ts';
import { StatusDot } from './status-dot.tsx';

type DeviceRowProps = { known: Viewer; onRenamed: () => void };

/** One device; what it does now comes from the live state. */
export const DeviceRow = memo(function DeviceRow({ known, onRenamed }: DeviceRowProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const live = useSnapshot(({ viewers }) => viewers.find(({ id }) => id === known.id));
  const viewer = live ?? { ...known, isActive: false, bytesPerSecond: 0 };
  return (
    <tr>
      <td>
        <DeviceName viewer={viewer} onRenamed={onRenamed} />
        <div className="devices__more figures" title={viewer.userAgent}>
          {viewer.address}
        </div>
      </td>
      <td>
        <a className="devices__channel" href={routeHref('channels', viewer.channelId)}>
          {viewer.channelName}
        </a>
        <div className="devices__more devices__state">
          <StatusDot tone={viewer.isActive ? 'good' : 'neutral'} />
          {viewer.isActive
            ? t('devices.since', { time: format.clock(viewer.since) })
            : t('devices.lastSeen', { time: format.dateAndTime(viewer.lastSeen) })}
        </div>
      </td>
      <td className="devices__number figures">{viewer.isActive ? format.bitRate(viewer.bytesPerSecond) : '–'}</td>
      <td className="devices__number devices__wide figures">{format.bytes(viewer.totalBytes)}</td>
      <td className="devices__number devices__wide figures">
        <span className={viewer.stalls > 0 ? 'devices__stalls' : undefined}>{format.count(viewer.stalls)}</span>
      </td>
    </tr>
  );
});

function DeviceName({ viewer, onRenamed }: { viewer: Viewer; onRenamed: () => void }): ReactNode {
  const { t } = useTranslation();
  const relay = useRelay();
  const [draft, setDraft] = useState<string>();
  const { run: rename } = useAction(async (name: string) => {
    setDraft(undefined);
    if (name === viewer.device) return;
    await relay.call('viewers.rename', { id: viewer.id, name });
    onRenamed();
  });
  if (draft !== undefined) {
    return (
      <TextInput
        size="xs"
        autoFocus
        maw={220}
        maxLength={100}
        aria-label={t('devices.name')}
        value={draft}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onFocus={(event) => event.currentTarget.select()}
        onBlur={() => rename(draft.trim())}
        onKeyDown={(event) => {
          if (event.key === 'Enter') event.currentTarget.blur();
          if (event.key === 'Escape') setDraft(undefined);
        }}
      />
    );
  }
  return (
    <div className="devices__name">
      <span className="truncate">{viewer.device}</span>
      <Tooltip label={t('devices.rename')}>
        <ActionIcon
          className="devices__rename"
          size="sm"
          variant="subtle"
          color="gray"
          aria-label={t('devices.renameOf', { name: viewer.device })}
          onClick={() => setDraft(viewer.device)}
        >
          <IconPencil size={15} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
