import { Button, FileButton, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDownload, IconUpload } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { saveTextFile } from '../save-file.ts';
import { useAction } from '../use-action.ts';
import { useRelay } from '../use-relay.ts';
import { SettingsSection } from './settings-section.tsx';

/** All channels and settings as one file, and back. */
export function BackupSection(): ReactNode {
  const { t } = useTranslation();
  const relay = useRelay();
  const [passphrase, setPassphrase] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const { run: create, isRunning: isCreating } = useAction(async () => {
    saveTextFile(await relay.call('backup.create', { passphrase }));
  });
  const { run: restore, isRunning: isRestoring } = useAction(async () => {
    if (file === null) return;
    const { channels } = await relay.call('backup.restore', { text: await file.text(), passphrase });
    setFile(null);
    notifications.show({ message: t('settings.restored', { count: channels }) });
  });
  return (
    <SettingsSection id="backup" title={t('settings.backup')}>
      <Text size="sm" c="dimmed">
        {t('settings.backupHint')}
      </Text>
      <PasswordInput
        maw={320}
        label={t('settings.passphrase')}
        description={t('settings.passphraseHint')}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': t('add.showPassword') }}
        value={passphrase}
        onChange={(event) => setPassphrase(event.currentTarget.value)}
      />
      <Group gap="xs">
        <Button
          variant="default"
          leftSection={<IconDownload size={17} aria-hidden />}
          loading={isCreating}
          onClick={create}
        >
          {t('settings.createBackup')}
        </Button>
        <FileButton onChange={setFile} accept=".json,.hearthcast,application/json">
          {(props) => (
            <Button {...props} variant="default" leftSection={<IconUpload size={17} aria-hidden />}>
              {t('settings.restoreBackup')}
            </Button>
          )}
        </FileButton>
      </Group>
      <Modal
        opened={file !== null}
        onClose={() => setFile(null)}
        title={t('settings.restoreBackup')}
        centered
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <Stack>
          <Text size="sm">{t('settings.restoreText', { name: file?.name ?? '' })}</Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setFile(null)}>
              {t('action.cancel')}
            </Button>
            <Button loading={isRestoring} onClick={restore}>
              {t('settings.restoreNow')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </SettingsSection>
  );
}
