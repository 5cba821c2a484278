import { Button, Text } from '@mantine/core';
import { IconBroadcast } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SelfTest } from '../../shared/contract.ts';
import { useAction } from '../use-action.ts';
import { useFormat } from '../use-format.ts';
import { useRelay } from '../use-relay.ts';
import { FirewallDialog } from './firewall-dialog.tsx';
import { StatusDot, type Tone } from './status-dot.tsx';
import './reach-test.css';

/** Asks the relay whether TVs can reach it, and shows the answer in place; where a firewall may be in the way, what to do about it. */
export function ReachTest(): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const relay = useRelay();
  const [result, setResult] = useState<SelfTest>();
  const [isHelping, setIsHelping] = useState(false);
  const { run, isRunning } = useAction(async () => setResult(await relay.call('network.selfTest', {})));
  return (
    <>
      <Button variant="default" leftSection={<IconBroadcast size={17} aria-hidden />} loading={isRunning} onClick={run}>
        {t('home.reachTest')}
      </Button>
      {result !== undefined && (
        <div className="reach-test__result">
          <StatusDot tone={toneOf(result.verdict)} />
          <Text className="reach-test__sentence" size="sm" role="status">
            {format.sentence(result.sentence)}
          </Text>
          {result.verdict === 'firewall-suspected' && (
            <Button size="compact-sm" variant="light" onClick={() => setIsHelping(true)}>
              {t('firewall.open')}
            </Button>
          )}
        </div>
      )}
      {result !== undefined && (
        <FirewallDialog
          system={result.system}
          port={result.port}
          isOpen={isHelping}
          onClose={() => setIsHelping(false)}
        />
      )}
    </>
  );
}

function toneOf(verdict: SelfTest['verdict']): Tone {
  switch (verdict) {
    case 'reachable':
      return 'good';
    case 'firewall-suspected':
      return 'warning';
    case 'loopback-only':
    case 'port-in-use':
    case 'no-network':
      return 'bad';
  }
}
