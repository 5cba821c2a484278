import { ActionIcon, Button, Drawer, Group, Menu, Modal, Stack, Text, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDotsVertical, IconFileText, IconRefresh, IconTrash } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListRow } from '../../shared/contract.ts';
import { useAction } from '../use-action.ts';
import { useCommand } from '../use-command.ts';
import { useFormat } from '../use-format.ts';
import { useRelay, useRevision } from '../use-relay.ts';
import { useTask } from '../use-task.ts';
import { EmptyNote } from './empty-note.tsx';
import { GuideSection } from './guide-section.tsx';
import { canRefresh, RefreshHours } from './refresh-hours.tsx';
import { StatusDot } from './status-dot.tsx';
import { TaskProgress } from './task-progress.tsx';
import './lists-drawer.css';

type ListsDrawerProps = { isOpen: boolean; onClose: () => void; onAdd: () => void };

/** The lists that channels came from: when they were read, and how often they are. */
export function ListsDrawer({ isOpen, onClose, onAdd }: ListsDrawerProps): ReactNode {
  const { t } = useTranslation();
  const revision = useRevision();
  const { value: lists } = useCommand('lists.all', isOpen ? {} : null, revision);
  return (
    <Drawer
      opened={isOpen}
      onClose={onClose}
      position="right"
      size={460}
      title={t('lists.title')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {lists?.length === 0 && (
        <EmptyNote icon={IconFileText} title={t('lists.none')} text={t('lists.noneText')}>
          <Button
            onClick={() => {
              onClose();
              onAdd();
            }}
          >
            {t('channels.addList')}
          </Button>
        </EmptyNote>
      )}
      <Stack gap={0}>
        {lists?.map((list) => (
          <ListItem key={list.id} list={list} />
        ))}
      </Stack>
      {isOpen && <GuideSection />}
    </Drawer>
  );
}

function ListItem({ list }: { list: ListRow }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const relay = useRelay();
  const refreshing = useTask();
  const [isRemoving, setRemoving] = useState(false);
  const refresh = async (): Promise<void> => {
    const report = await refreshing.start((taskId) => relay.call('lists.refresh', { id: list.id, taskId }));
    if (report === undefined) return;
    const { added, changed, removed } = report;
    notifications.show({
      message: t('lists.report', {
        added: format.count(added),
        changed: format.count(changed),
        removed: format.count(removed),
      }),
    });
  };
  const { run: setHours } = useAction(async (refreshHours: number) => {
    await relay.call('lists.save', { id: list.id, refreshHours });
  });
  const { run: remove } = useAction(async () => {
    const { removed } = await relay.call('lists.remove', { id: list.id });
    setRemoving(false);
    notifications.show({ message: t('channels.removed', { count: removed }) });
  });
  const isRefreshable = canRefresh(list);
  const failure = refreshing.error?.sentence ?? list.failure;
  return (
    <section className="list-item" aria-label={list.name}>
      <div className="list-item__head">
        <div className="list-item__names">
          <h3 className="truncate list-item__name">{list.name}</h3>
          <div className="truncate list-item__origin" title={list.shownOrigin}>
            {list.shownOrigin}
          </div>
        </div>
        {isRefreshable && (
          <Tooltip label={t('lists.refresh')}>
            <ActionIcon
              variant="default"
              aria-label={t('lists.refresh')}
              loading={refreshing.isRunning}
              onClick={() => void refresh()}
            >
              <IconRefresh size={17} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={t('lists.more')}>
              <IconDotsVertical size={17} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item color="var(--bad)" leftSection={<IconTrash size={16} />} onClick={() => setRemoving(true)}>
              {t('lists.remove')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      {refreshing.isRunning ? (
        <TaskProgress task={refreshing} />
      ) : (
        <p className="list-item__state">
          <StatusDot tone={failure === null ? 'good' : 'warning'} />
          {t('lists.channels', { count: list.channelCount, channels: format.count(list.channelCount) })}
          {list.refreshedAt !== null && ` · ${t('lists.readAt', { time: format.dateAndTime(list.refreshedAt) })}`}
        </p>
      )}
      {failure !== null && <p className="list-item__failure">{format.sentence(failure)}</p>}
      {isRefreshable && <RefreshHours size="xs" maw={220} value={list.refreshHours} onChange={setHours} />}
      <Modal
        opened={isRemoving}
        onClose={() => setRemoving(false)}
        title={t('lists.remove')}
        centered
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <Text size="sm">{t('lists.removeText', { name: list.name, count: list.channelCount })}</Text>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={() => setRemoving(false)}>
            {t('action.cancel')}
          </Button>
          <Button color="var(--bad-fill)" onClick={remove}>
            {t('action.remove')}
          </Button>
        </Group>
      </Modal>
    </section>
  );
}
