import { Modal, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { firewallSteps, type System } from '../../shared/firewall.ts';
import { CopyIconButton } from './copy-button.tsx';
import './firewall-dialog.css';

type FirewallDialogProps = {
  /** Of the computer that the relay runs on, which may be another than the window's. */
  system: System;
  port: number;
  isOpen: boolean;
  onClose: () => void;
};

/** How to let TVs in, step by step, with lines to copy. Hearthcast does none of it itself: that takes an administrator. */
export function FirewallDialog({ system, port, isOpen, onClose }: FirewallDialogProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={t('firewall.title')}
      size="lg"
      centered
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Text size="sm">{t('firewall.intro', { port })}</Text>
      <ol className="firewall__steps">
        {firewallSteps(system, port).map(({ id, command }) => (
          <li key={id}>
            <Text size="sm">{t(`firewall.step.${id}`, { port })}</Text>
            {command !== null && (
              <div className="firewall__line">
                <code className="mono">{command}</code>
                <CopyIconButton text={command} label={t('firewall.copyLine')} />
              </div>
            )}
          </li>
        ))}
      </ol>
      <Text size="sm" c="dimmed">
        {t('firewall.elsewhere')}
      </Text>
    </Modal>
  );
}
