import { Button, Menu, Text } from '@mantine/core';
import { IconBroadcast, IconChevronDown } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SelfTest } from '../../shared/contract.ts';
import { useAction } from '../use-action.ts';
import { useFormat } from '../use-format.ts';
import { useListUrls } from '../use-lan-url.ts';
import { useRelay } from '../use-relay.ts';
import { CopyButton } from './copy-button.tsx';
import { QrCode } from './qr-code.tsx';
import { StatusDot, type Tone } from './status-dot.tsx';
import './address-card.css';

/** The one thing people come for: what to type into the TV. */
export function AddressCard(): ReactNode {
  const { t } = useTranslation();
  const urls = useListUrls();
  const [chosen, setChosen] = useState<string>();
  const url = urls.find((known) => known === chosen) ?? urls[0];
  return (
    <section className="card address-card" aria-labelledby="address-title">
      <div className="address-card__text">
        <h2 id="address-title" className="address-card__title">
          {t('home.address')}
        </h2>
        <p className="address-card__hint">{t('home.addressHint')}</p>
        <div className="address-card__url" data-testid="list-url">
          {url ?? t('home.noNetwork')}
        </div>
        <div className="address-card__actions">
          {url !== undefined && <CopyButton text={url} />}
          <ReachTest />
          {urls.length > 1 && <OtherAddresses urls={urls} url={url} onChoose={setChosen} />}
        </div>
      </div>
      <div className="address-card__code">{url !== undefined && <QrCode text={url} size={126} />}</div>
    </section>
  );
}

function OtherAddresses(props: {
  urls: readonly string[];
  url: string | undefined;
  onChoose: (url: string) => void;
}): ReactNode {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button variant="subtle" color="gray" rightSection={<IconChevronDown size={15} aria-hidden />}>
          {t('home.otherAddresses')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {props.urls.map((url) => (
          <Menu.Item key={url} onClick={() => props.onChoose(url)} fw={url === props.url ? 600 : 400}>
            <span className="mono">{url}</span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Asks the relay whether TVs can reach it, and shows the answer in place. */
function ReachTest(): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const relay = useRelay();
  const [result, setResult] = useState<SelfTest>();
  const { run, isRunning } = useAction(async () => setResult(await relay.call('network.selfTest', {})));
  return (
    <>
      <Button variant="default" leftSection={<IconBroadcast size={17} aria-hidden />} loading={isRunning} onClick={run}>
        {t('home.reachTest')}
      </Button>
      {result !== undefined && (
        <Text className="address-card__result" size="sm" role="status">
          <StatusDot tone={toneOf(result.verdict)} />
          {format.sentence(result.sentence)}
        </Text>
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
