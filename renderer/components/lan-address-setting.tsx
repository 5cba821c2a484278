import { Select } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../use-command.ts';
import { useFormat } from '../use-format.ts';
import { useSettingsForm } from './settings-fields.tsx';

/** Which of this computer's addresses TVs are told. */
export function LanAddressSetting(): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { values, errors, change } = useSettingsForm();
  const addresses = useCommand('network.addresses', {}).value ?? [];
  const known = addresses.map(({ address, interfaceName, reason }) => ({
    value: address,
    label: `${address} (${interfaceName})`,
    reason: format.sentence(reason),
  }));
  const isListed = values.lanAddress === '' || addresses.some(({ address }) => address === values.lanAddress);
  const kept = isListed
    ? []
    : [{ value: values.lanAddress, label: values.lanAddress, reason: t('settings.lanAddressGone') }];
  const options = [{ value: '', label: t('settings.lanAddressAuto'), reason: '' }, ...known, ...kept];
  return (
    <Select
      label={t('settings.lanAddress')}
      description={t('settings.lanAddressHint')}
      allowDeselect={false}
      value={values.lanAddress}
      error={errors.lanAddress}
      onChange={(value) => change({ lanAddress: value ?? '' })}
      data={options.map(({ value, label }) => ({ value, label }))}
      renderOption={({ option }) => (
        <div>
          <div>{option.label}</div>
          <div style={{ fontSize: 'var(--mantine-font-size-xs)', color: 'var(--mantine-color-dimmed)' }}>
            {options.find(({ value }) => value === option.value)?.reason}
          </div>
        </div>
      )}
    />
  );
}
