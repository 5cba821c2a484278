import { Button } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../use-command.ts';
import { useFormat } from '../use-format.ts';
import { useRevision } from '../use-relay.ts';
import { EmptyNote } from './empty-note.tsx';
import './operations-view.css';

const PAGE_SIZE = 100;
const MOST = 1000;

/** Who changed what, newest first. */
export function OperationsView(): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const revision = useRevision();
  const [limit, setLimit] = useState(PAGE_SIZE);
  const { value } = useCommand('operations.query', { limit }, revision);
  const rows = value?.rows ?? [];
  return (
    <div className="card operations" tabIndex={0} role="region" aria-label={t('activity.operations')}>
      {value !== undefined && rows.length === 0 && (
        <EmptyNote icon={IconHistory} title={t('activity.noOperations')} text={t('activity.noOperationsText')} />
      )}
      <ul className="operations__list">
        {rows.map(({ id, at, who, what }) => (
          <li key={id} className="operations__row">
            <time className="figures operations__time" dateTime={new Date(at).toISOString()}>
              {format.dateAndTime(at)}
            </time>
            <span>{format.sentence(what)}</span>
            <span className="operations__who">{who}</span>
          </li>
        ))}
      </ul>
      {rows.length === limit && limit < MOST && (
        <Button variant="default" size="xs" onClick={() => setLimit(Math.min(MOST, limit + PAGE_SIZE))}>
          {t('activity.older')}
        </Button>
      )}
    </div>
  );
}
