import { Button, Group, Modal } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../use-action.ts';
import './notices-dialog.css';

/** Written by the build beside the page: main/packaging/notices.ts. */
const NOTICES_URL = './notices.txt';

/** Whose software this is made of, and under which terms. */
export function NoticesButton(): ReactNode {
  const { t } = useTranslation();
  const [text, setText] = useState<string>();
  const { run, isRunning } = useAction(async () => {
    const response = await fetch(NOTICES_URL);
    setText(response.ok ? await response.text() : t('notices.failed'));
  });
  return (
    <>
      <Button variant="subtle" size="compact-sm" loading={isRunning} onClick={run}>
        {t('notices.open')}
      </Button>
      <Modal
        opened={text !== undefined}
        onClose={() => setText(undefined)}
        title={t('notices.title')}
        size="xl"
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {/* Scrolled with the keys, so it takes the focus. */}
        <pre className="notices mono" lang="en" tabIndex={0} aria-label={t('notices.title')} role="region">
          {text}
        </pre>
        <Group justify="flex-end" mt="md">
          <Button onClick={() => setText(undefined)}>{t('action.close')}</Button>
        </Group>
      </Modal>
    </>
  );
}
