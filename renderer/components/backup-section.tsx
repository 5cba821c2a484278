import { Button, Group, PasswordInput, Text } from '@mantine/core';
import { IconDownload, IconUpload } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { saveTextFile } from '../save-file.ts';
import { useAction } from '../use-action.ts';
import { useRelay } from '../use-relay.ts';
import { PickFile } from './pick-file.tsx';
import { RestoreDialog } from './restore-dialog.tsx';
import { SettingsSection } from './settings-section.tsx';

/** All channels and settings as one file, and back. */
export function BackupSection(): ReactNode {
  const { t } = useTranslation();
  const relay = useRelay();
  const [passphrase, setPassphrase] = useState('');
  const [file, setFile] = useState<File>();
  const { run: create, isRunning: isCreating } = useAction(async () => {
    saveTextFile(await relay.call('backup.create', { passphrase }));
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
        <PickFile
          accept=".json,.hearthcast,application/json"
          leftSection={<IconUpload size={17} aria-hidden />}
          onPick={setFile}
        >
          {t('settings.restoreBackup')}
        </PickFile>
      </Group>
      <RestoreDialog file={file} onClose={() => setFile(undefined)} />
    </SettingsSection>
  );
}
