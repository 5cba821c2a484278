import { Button, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CommandOutput } from '../../shared/contract.ts';
import { useAction } from '../use-action.ts';
import { useFormat } from '../use-format.ts';
import { useRelay } from '../use-relay.ts';
import { useSettingsForm } from './settings-fields.tsx';
import { StatusDot } from './status-dot.tsx';
import './redis-setting.css';

/** The Redis that relays share, with a try before it is saved. */
export function RedisSetting(): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const relay = useRelay();
  const { values, errors, change } = useSettingsForm();
  const [result, setResult] = useState<CommandOutput<'redis.test'> & { url: string }>();
  const url = values.redisUrl.trim();
  const { run: test, isRunning } = useAction(async () => {
    setResult({ url, ...(await relay.call('redis.test', { url })) });
  });
  return (
    <div>
      <div className="redis-setting">
        <TextInput
          label={t('settings.redisUrl')}
          description={t('settings.redisUrlHint')}
          placeholder="redis://192.168.1.5:6379"
          value={values.redisUrl}
          error={errors.redisUrl}
          onChange={(event) => change({ redisUrl: event.currentTarget.value })}
        />
        <Button variant="default" disabled={url === ''} loading={isRunning} onClick={test}>
          {t('settings.testRedis')}
        </Button>
      </div>
      <p className="redis-setting__result" role="status">
        {result?.url === url && (
          <>
            <StatusDot tone={result.ok ? 'good' : 'bad'} />
            {format.sentence(result.sentence)}
          </>
        )}
      </p>
    </div>
  );
}
