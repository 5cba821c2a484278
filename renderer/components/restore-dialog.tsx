import { Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { RelayError } from '../api.ts';
import { toRelayError } from '../failure.ts';
import { useAction } from '../use-action.ts';
import { useFormat } from '../use-format.ts';
import { useRelay } from '../use-relay.ts';
import { useSettings } from '../use-settings.ts';
import { Note } from './note.tsx';

/** Replaces everything by what a backup holds, after asking whether that is wanted. */
export function RestoreDialog({ file, onClose }: { file: File | undefined; onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  return (
    <Modal
      opened={file !== undefined}
      onClose={onClose}
      title={t('settings.restoreBackup')}
      centered
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {file !== undefined && <RestoreForm file={file} onClose={onClose} />}
    </Modal>
  );
}

function RestoreForm({ file, onClose }: { file: File; onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const relay = useRelay();
  const { reload } = useSettings();
  const [passphrase, setPassphrase] = useState('');
  const [failure, setFailure] = useState<RelayError>();
  const { run: restore, isRunning } = useAction(async () => {
    setFailure(undefined);
    try {
      const { channels } = await relay.call('backup.restore', { text: await file.text(), passphrase });
      reload();
      onClose();
      notifications.show({ message: t('settings.restored', { count: channels }) });
    } catch (error) {
      setFailure(toRelayError(error));
    }
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        restore();
      }}
    >
      <Stack>
        <Text size="sm">{t('settings.restoreText', { name: file.name })}</Text>
        <PasswordInput
          data-autofocus
          label={t('settings.passphrase')}
          description={t('settings.restorePassphraseHint')}
          autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': t('add.showPassword') }}
          value={passphrase}
          onChange={(event) => setPassphrase(event.currentTarget.value)}
        />
        {failure !== undefined && <Note tone="bad" role="alert" title={format.sentence(failure.sentence)} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={isRunning}>
            {t('settings.restoreNow')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
