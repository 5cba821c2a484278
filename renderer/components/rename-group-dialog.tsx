import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CommandOutput } from '../../shared/contract.ts';
import { useAction } from '../use-action.ts';
import { useRelay } from '../use-relay.ts';
import { useUndo } from '../use-undo.tsx';

const GROUPS_SHOWN = 200;

type RenameGroupDialogProps = { isOpen: boolean; groups: CommandOutput<'channels.groups'>; onClose: () => void };

/** Gives a group another name; the name of another group joins the two. */
export function RenameGroupDialog({ isOpen, groups, onClose }: RenameGroupDialogProps): ReactNode {
  const { t } = useTranslation();
  const relay = useRelay();
  const { offerUndo } = useUndo();
  const [from, setFrom] = useState<string | null>(null);
  const [to, setTo] = useState('');
  const { run, isRunning } = useAction(async () => {
    if (from === null) return;
    const { changed } = await relay.call('channels.renameGroup', { from, to });
    offerUndo(t('channels.changed', { count: changed }));
    onClose();
  });
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={t('channels.renameGroup')}
      centered
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <Stack>
          <Select
            data-autofocus
            // Open from the start, it would hide the rest of the dialog.
            openOnFocus={false}
            label={t('channels.renameFrom')}
            searchable
            limit={GROUPS_SHOWN}
            value={from}
            onChange={setFrom}
            nothingFoundMessage={t('channels.noGroup')}
            data={groups.filter(({ name }) => name !== '').map(({ name }) => name)}
          />
          <TextInput
            label={t('channels.renameTo')}
            description={t('channels.renameToHint')}
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
        </Stack>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={isRunning} disabled={from === null}>
            {t('action.save')}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
