import { Button } from '@mantine/core';
import { IconDeviceTv } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DeviceRow } from '../components/device-row.tsx';
import { EmptyNote } from '../components/empty-note.tsx';
import { useCommand } from '../use-command.ts';
import { useFormat } from '../use-format.ts';
import { useSnapshot } from '../use-snapshot.ts';
import './devices.css';

const PAGE_SIZE = 100;
const MOST = 1000;

/** Every device that has come in: what it watches now, or watched last. */
export function Devices(): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const [limit, setLimit] = useState(PAGE_SIZE);
  const present = useSnapshot(({ viewers }) => viewers.map(({ id, isActive }) => `${id} ${isActive}`).join('\n'));
  const refused = useSnapshot(({ refusedClients }) => refusedClients) ?? 0;
  const { value, reload } = useCommand('viewers.query', { limit }, present ?? '');
  const rows = value?.rows ?? [];
  return (
    <div className="page">
      <div className="page__inner">
        <header className="page__title">
          <h1 className="devices__title">{t('views.devices')}</h1>
          {refused > 0 && <span className="devices__refused">{t('devices.refused', { count: refused })}</span>}
        </header>
        {value !== undefined && rows.length === 0 && (
          <div className="card">
            <EmptyNote icon={IconDeviceTv} title={t('devices.none')} text={t('devices.noneText')} />
          </div>
        )}
        {rows.length > 0 && (
          <div className="card devices__card">
            <table className="devices__table">
              <thead>
                <tr>
                  <th scope="col">{t('devices.device')}</th>
                  <th scope="col">{t('devices.channel')}</th>
                  <th scope="col" className="devices__number">
                    {t('devices.rate')}
                  </th>
                  <th scope="col" className="devices__number devices__wide">
                    {t('devices.total')}
                  </th>
                  <th scope="col" className="devices__number devices__wide">
                    {t('devices.stalls')}
                  </th>
                </tr>
              </thead>
              <tbody>
                {rows.map((viewer) => (
                  <DeviceRow key={viewer.id} known={viewer} onRenamed={reload} />
                ))}
              </tbody>
            </table>
          </div>
        )}
        {value !== undefined && value.total > rows.length && limit < MOST && (
          <Button mt="md" variant="default" onClick={() => setLimit(Math.min(MOST, limit + PAGE_SIZE))}>
            {t('devices.more', { count: value.total - rows.length, devices: format.count(value.total - rows.length) })}
          </Button>
        )}
      </div>
    </div>
  );
}
