import { Button, Menu } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useListUrls } from '../use-lan-url.ts';
import { CopyButton } from './copy-button.tsx';
import { QrCode } from './qr-code.tsx';
import { ReachTest } from './reach-test.tsx';
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
