import { ActionIcon, Skeleton, Switch, Tabs, Tooltip } from '@mantine/core';
import { IconStar, IconStarFilled, IconTrash, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChannelDetail, ChannelEdit } from '../../shared/contract.ts';
import { useAction } from '../use-action.ts';
import { useFormat } from '../use-format.ts';
import { useCommand } from '../use-command.ts';
import { useRelay, useRevision } from '../use-relay.ts';
import { ChannelDetails } from './channel-details.tsx';
import { ChannelLogo } from './channel-logo.tsx';
import { ChannelSources } from './channel-sources.tsx';
import { ChannelWatch } from './channel-watch.tsx';
import { Note } from './note.tsx';
import './channel-panel.css';

type ChannelPanelProps = { id: string; onClose: () => void; onRemove: () => void; onSaved: () => void };

/** Everything about one channel. */
export function ChannelPanel({ id, onClose, onRemove, onSaved }: ChannelPanelProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const relay = useRelay();
  const revision = useRevision();
  const { value: channel, error } = useCommand('channels.get', { id }, revision);
  const { run: save } = useAction(async (edit: ChannelEdit) => {
    await relay.call('channels.save', { id, edit });
    onSaved();
  });
  return (
    <aside className="card channel-panel" aria-label={channel?.name ?? t('channels.panel')}>
      {error !== undefined && channel === undefined && (
        <Note tone="bad" role="alert" title={format.sentence(error.sentence)} />
      )}
      {channel === undefined ? (
        <PanelPlace onClose={onClose} />
      ) : (
        <>
          <PanelHead channel={channel} onClose={onClose} onRemove={onRemove} onSave={save} />
          <Tabs defaultValue="watch" className="channel-panel__tabs" keepMounted={false}>
            <Tabs.List>
              <Tabs.Tab value="watch">{t('panel.watch')}</Tabs.Tab>
              <Tabs.Tab value="sources">{t('panel.sources', { count: channel.sources.length })}</Tabs.Tab>
              <Tabs.Tab value="details">{t('panel.details')}</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="watch" className="channel-panel__body">
              <ChannelWatch channel={channel} />
            </Tabs.Panel>
            <Tabs.Panel value="sources" className="channel-panel__body">
              <ChannelSources channel={channel} onSave={(sources) => save({ sources })} />
            </Tabs.Panel>
            <Tabs.Panel value="details" className="channel-panel__body">
              <ChannelDetails key={channel.id} channel={channel} onSave={save} />
            </Tabs.Panel>
          </Tabs>
        </>
      )}
    </aside>
  );
}

type PanelHeadProps = {
  channel: ChannelDetail;
  onClose: () => void;
  onRemove: () => void;
  onSave: (edit: ChannelEdit) => void;
};

function PanelHead({ channel, onClose, onRemove, onSave }: PanelHeadProps): ReactNode {
  const { t } = useTranslation();
  const StarIcon = channel.favourite ? IconStarFilled : IconStar;
  return (
    <header className="channel-panel__head">
      <ChannelLogo logo={channel.logo} name={channel.name} size={40} />
      <div className="channel-panel__names">
        <h2 className="truncate channel-panel__name" title={channel.name}>
          {channel.name}
        </h2>
        <div className="truncate channel-panel__group">{channel.group}</div>
      </div>
      <Tooltip label={t('channels.favourite')}>
        <ActionIcon
          variant="subtle"
          color={channel.favourite ? 'ember' : 'gray'}
          aria-label={t('channels.favourite')}
          aria-pressed={channel.favourite}
          onClick={() => onSave({ favourite: !channel.favourite })}
        >
          <StarIcon size={18} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t('action.remove')}>
        <ActionIcon variant="subtle" color="gray" aria-label={t('action.remove')} onClick={onRemove}>
          <IconTrash size={18} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t('action.close')}>
        <ActionIcon variant="subtle" color="gray" aria-label={t('action.close')} onClick={onClose}>
          <IconX size={18} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Switch
        className="channel-panel__switch"
        size="sm"
        label={t('channels.enabledLabel')}
        checked={channel.enabled}
        onChange={(event) => onSave({ enabled: event.currentTarget.checked })}
      />
    </header>
  );
}

function PanelPlace({ onClose }: { onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  return (
    <div className="channel-panel__place">
      <ActionIcon variant="subtle" color="gray" aria-label={t('action.close')} onClick={onClose}>
        <IconX size={18} aria-hidden />
      </ActionIcon>
      <Skeleton height={40} radius="md" />
      <Skeleton height={180} radius="md" mt="md" />
    </div>
  );
}
