import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { LogView } from '../components/log-view.tsx';
import { OperationsView } from '../components/operations-view.tsx';
import './activity.css';

/** What the relay noticed, and who changed what. */
export function Activity(): ReactNode {
  const { t } = useTranslation();
  return (
    <div className="activity">
      <h1 className="activity__title">{t('views.activity')}</h1>
      <Tabs defaultValue="log" className="activity__tabs" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="log">{t('activity.log')}</Tabs.Tab>
          <Tabs.Tab value="operations">{t('activity.operations')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="log" className="activity__panel">
          <LogView />
        </Tabs.Panel>
        <Tabs.Panel value="operations" className="activity__panel">
          <OperationsView />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}
