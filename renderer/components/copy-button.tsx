import { ActionIcon, Button, Tooltip, type ButtonProps } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { copyText } from '../clipboard.ts';
import { useAction } from '../use-action.ts';

const SHOWN_MS = 1800;

/** Copies a text and says that it did, without changing its width. */
export function CopyButton({ text, ...props }: { text: string } & ButtonProps): ReactNode {
  const { t } = useTranslation();
  const { isCopied, copy } = useCopy(text);
  const CopyIcon = isCopied ? IconCheck : IconCopy;
  return (
    <Button miw={112} leftSection={<CopyIcon size={17} aria-hidden />} onClick={copy} {...props}>
      <span aria-live="polite">{isCopied ? t('action.copied') : t('action.copy')}</span>
    </Button>
  );
}

/** The same as an icon, for rows. */
export function CopyIconButton({ text, label }: { text: string; label: string }): ReactNode {
  const { t } = useTranslation();
  const { isCopied, copy } = useCopy(text);
  const CopyIcon = isCopied ? IconCheck : IconCopy;
  return (
    <Tooltip label={isCopied ? t('action.copied') : label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={copy}>
        <CopyIcon size={17} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

function useCopy(text: string): { isCopied: boolean; copy: () => void } {
  const [copiedAt, setCopiedAt] = useState(0);
  const { run } = useAction(async () => {
    await copyText(text);
    setCopiedAt(Date.now());
  });
  useEffect(() => {
    if (copiedAt === 0) return;
    const timer = setTimeout(() => setCopiedAt(0), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copiedAt]);
  return { isCopied: copiedAt !== 0, copy: run };
}
