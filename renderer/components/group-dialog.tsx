import { Autocomplete, Button, Group, Modal } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CommandOutput } from '../../shared/contract.ts';

type GroupDialogProps = {
  title: string;
  isOpen: boolean;
  groups: CommandOutput<'channels.groups'>;
  initial?: string;
  onClose: () => void;
  onChoose: (group: string) => void;
};

const SUGGESTED = 50;

/** Asks for a group: one there is, or a new one. */
export function GroupDialog({ title, isOpen, groups, initial = '', onClose, onChoose }: GroupDialogProps): ReactNode {
  const { t } = useTranslation();
  const [name, setName] = useState(initial);
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={title}
      centered
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onChoose(name.trim());
          onClose();
        }}
      >
        <Autocomplete
          data-autofocus
          // Open from the start, it would hide the buttons.
          openOnFocus={false}
          label={t('channels.field.group')}
          data={groups.map((group) => group.name).filter((known) => known !== '')}
          limit={SUGGESTED}
          value={name}
          onChange={setName}
        />
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit">{t('action.save')}</Button>
        </Group>
      </form>
    </Modal>
  );
}
