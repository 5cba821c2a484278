import { Select, type SelectProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListRow } from '../../shared/contract.ts';

const CHOICES = [0, 6, 12, 24, 168];

type RefreshHoursProps = Pick<SelectProps, 'size' | 'w' | 'maw'> & {
  value: number;
  onChange: (hours: number) => void;
};

/** How often a list is read again by itself. */
export function RefreshHours({ value, onChange, ...look }: RefreshHoursProps): ReactNode {
  const { t } = useTranslation();
  const choices = [...new Set([...CHOICES, value])];
  return (
    <Select
      {...look}
      aria-label={t('lists.howOften')}
      allowDeselect={false}
      value={String(value)}
      onChange={(hours) => onChange(Number(hours))}
      data={choices.map((hours) => ({
        value: String(hours),
        label: hours === 0 ? t('lists.never') : t('lists.every', { count: hours }),
      }))}
    />
  );
}

/** Whether there is somewhere to read it from again. */
export function canRefresh({ kind }: Pick<ListRow, 'kind'>): boolean {
  return kind === 'url' || kind === 'xtream' || kind === 'file';
}
