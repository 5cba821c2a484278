import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import {
  IconArrowsSort,
  IconDots,
  IconDownload,
  IconFolder,
  IconLink,
  IconPlus,
  IconRefresh,
} from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CommandOutput } from '../../shared/contract.ts';
import { saveTextFile } from '../save-file.ts';
import { useAction } from '../use-action.ts';
import { useRelay } from '../use-relay.ts';
import { useUndo } from '../use-undo.tsx';
import type { AddMode } from './add-dialog.tsx';
import { RenameGroupDialog } from './rename-group-dialog.tsx';

type ChannelMenuProps = {
  groups: CommandOutput<'channels.groups'>;
  onLists: () => void;
  onAdd: (mode: AddMode) => void;
};

/** What is done with all channels at once. */
export function ChannelMenu({ groups, onLists, onAdd }: ChannelMenuProps): ReactNode {
  const { t } = useTranslation();
  const relay = useRelay();
  const { offerUndo } = useUndo();
  const [isRenaming, setRenaming] = useState(false);
  const { run: sortBy } = useAction(async (by: 'name' | 'number' | 'group') => {
    await relay.call('channels.sort', { by });
    offerUndo(t('channels.sorted'));
  });
  const { run: exportList } = useAction(async (urls: 'relay' | 'original') => {
    saveTextFile(await relay.call('lists.export', { urls }));
  });
  return (
    <>
      <Menu position="bottom-end" width={250}>
        <Menu.Target>
          <Tooltip label={t('channels.more')}>
            <ActionIcon variant="default" size={36} aria-label={t('channels.more')}>
              <IconDots size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPlus size={16} />} onClick={() => onAdd('channel')}>
            {t('channels.addOne')}
          </Menu.Item>
          <Menu.Item leftSection={<IconRefresh size={16} />} onClick={onLists}>
            {t('lists.title')}
          </Menu.Item>
          <Menu.Item leftSection={<IconFolder size={16} />} onClick={() => setRenaming(true)}>
            {t('channels.renameGroup')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>{t('channels.sortAll')}</Menu.Label>
          {(['name', 'number', 'group'] as const).map((by) => (
            <Menu.Item key={by} leftSection={<IconArrowsSort size={16} />} onClick={() => sortBy(by)}>
              {t(`channels.field.${by}`)}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Label>{t('lists.export')}</Menu.Label>
          <Menu.Item leftSection={<IconDownload size={16} />} onClick={() => exportList('relay')}>
            {t('lists.exportRelay')}
          </Menu.Item>
          <Menu.Item leftSection={<IconLink size={16} />} onClick={() => exportList('original')}>
            {t('lists.exportOriginal')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <RenameGroupDialog isOpen={isRenaming} groups={groups} onClose={() => setRenaming(false)} />
    </>
  );
}
