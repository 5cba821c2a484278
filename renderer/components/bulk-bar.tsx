import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core';
import {
  IconFolder,
  IconHeartbeat,
  IconStar,
  IconStarOff,
  IconToggleLeft,
  IconToggleRight,
  IconTrash,
  IconX,
} from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { notifications } from '@mantine/notifications';
import type { ChannelSelection, CommandInput, CommandOutput } from '../../shared/contract.ts';
import { useAction } from '../use-action.ts';
import { useRelay } from '../use-relay.ts';
import { useTask } from '../use-task.ts';
import { GroupDialog } from './group-dialog.tsx';
import { TaskProgress } from './task-progress.tsx';
import './bulk-bar.css';

type BulkBarProps = {
  selection: ChannelSelection;
  count: number;
  groups: CommandOutput<'channels.groups'>;
  onClear: () => void;
  onRemove: () => void;
  onChanged: (sentence: string) => void;
};

type BulkEdit = CommandInput<'channels.saveMany'>['edit'];

/** What can be done with the chosen channels; it lies over the table, so that nothing moves. */
export function BulkBar({ selection, count, groups, onClear, onRemove, onChanged }: BulkBarProps): ReactNode {
  const { t } = useTranslation();
  const relay = useRelay();
  const check = useTask();
  const [isGrouping, setGrouping] = useState(false);
  const { run: edit, isRunning } = useAction(async (change: BulkEdit) => {
    const { changed } = await relay.call('channels.saveMany', { selection, edit: change });
    onChanged(t('channels.changed', { count: changed }));
  });
  const checkAll = async (): Promise<void> => {
    const result = await check.start((taskId) => relay.call('health.checkMany', { selection, taskId }));
    if (result === undefined) return;
    notifications.show({ message: t('channels.checked', { count: result.checked, broken: result.broken }) });
  };
  return (
    <div className="bulk-bar" role="toolbar" aria-label={t('channels.bulk')}>
      <span className="bulk-bar__count figures">{t('channels.selected', { count })}</span>
      {check.isRunning ? (
        <TaskProgress task={check} />
      ) : (
        <>
          <Menu position="top">
            <Menu.Target>
              <Button size="compact-sm" variant="subtle" color="gray" loading={isRunning}>
                {t('channels.turn')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconToggleRight size={16} />} onClick={() => edit({ enabled: true })}>
                {t('channels.enable')}
              </Menu.Item>
              <Menu.Item leftSection={<IconToggleLeft size={16} />} onClick={() => edit({ enabled: false })}>
                {t('channels.disable')}
              </Menu.Item>
              <Menu.Item leftSection={<IconStarOff size={16} />} onClick={() => edit({ favourite: false })}>
                {t('channels.noFavourite')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
          <BulkButton icon={<IconStar size={16} />} onClick={() => edit({ favourite: true })}>
            {t('channels.favourite')}
          </BulkButton>
          <BulkButton icon={<IconFolder size={16} />} onClick={() => setGrouping(true)}>
            {t('channels.field.group')}
          </BulkButton>
          <BulkButton icon={<IconHeartbeat size={16} />} onClick={() => void checkAll()}>
            {t('channels.check')}
          </BulkButton>
          <BulkButton icon={<IconTrash size={16} />} onClick={onRemove}>
            {t('action.remove')}
          </BulkButton>
        </>
      )}
      <Tooltip label={t('channels.clearSelection')}>
        <ActionIcon variant="subtle" color="gray" aria-label={t('channels.clearSelection')} onClick={onClear}>
          <IconX size={17} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <GroupDialog
        title={t('channels.groupFor', { count })}
        isOpen={isGrouping}
        groups={groups}
        onClose={() => setGrouping(false)}
        onChoose={(group) => edit({ group })}
      />
    </div>
  );
}

function BulkButton({
  icon,
  onClick,
  children,
}: {
  icon: ReactNode;
  onClick: () => void;
  children: string;
}): ReactNode {
  return (
    <Button
      className="bulk-bar__button"
      size="compact-sm"
      variant="subtle"
      color="gray"
      leftSection={icon}
      onClick={onClick}
    >
      {children}
    </Button>
  );
}
