import { Button, Group, NumberInput, Select, Stack, Switch, Textarea, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Quality } from '../../shared/channel.ts';
import { ChannelEdit, type ChannelDetail } from '../../shared/contract.ts';

const QUALITIES = ['all', 'highest', 'at-most', 'lowest'] as const;
const PREFETCH = ['settings', 'on', 'off'] as const;
const BITS_PER_MEGABIT = 1_000_000;
const FIRST_LIMIT_MEGABITS = 6;

type ChannelDetailsProps = { channel: ChannelDetail; onSave: (edit: ChannelEdit) => void };

/** What a channel is called, where it stands, and how it is played. */
export function ChannelDetails({ channel, onSave }: ChannelDetailsProps): ReactNode {
  const { t } = useTranslation();
  const { name, number, group, logo, tvgId, notes, options } = channel;
  const saved = { name, number, group, logo, tvgId, notes, options };
  // Only what was typed: what changes elsewhere meanwhile is shown, and is not written back.
  const [typed, setTyped] = useState<Partial<typeof saved>>({});
  const edit = differing(typed, saved);
  const draft = { ...saved, ...edit };
  const isChanged = Object.keys(edit).length > 0;
  const isValid = ChannelEdit.safeParse(edit).success;
  const change = (part: Partial<typeof saved>): void => setTyped({ ...edit, ...part });
  const changeOptions = (part: Partial<typeof options>): void => change({ options: { ...draft.options, ...part } });
  const text = (field: 'name' | 'group' | 'logo' | 'tvgId'): ReactNode => (
    <TextInput
      label={t(`channels.field.${field}`)}
      value={draft[field]}
      onChange={(event) => change({ [field]: event.currentTarget.value })}
    />
  );
  return (
    <Stack gap="sm">
      {text('name')}
      <Group grow align="start">
        <NumberInput
          label={t('channels.field.number')}
          min={0}
          max={1_000_000}
          allowDecimal={false}
          hideControls
          value={draft.number ?? ''}
          onChange={(value) => change({ number: value === '' ? null : Number(value) })}
        />
        {text('tvgId')}
      </Group>
      {text('group')}
      {text('logo')}
      <QualityFields quality={draft.options.quality} onChange={(quality) => changeOptions({ quality })} />
      <Select
        label={t('panel.prefetch')}
        description={t('panel.prefetchHint')}
        allowDeselect={false}
        value={draft.options.prefetch === null ? 'settings' : draft.options.prefetch ? 'on' : 'off'}
        onChange={(value) => changeOptions({ prefetch: value === 'settings' ? null : value === 'on' })}
        data={PREFETCH.map((value) => ({ value, label: t(`panel.prefetchValue.${value}`) }))}
      />
      <Switch
        label={t('panel.wrap')}
        description={t('panel.wrapHint')}
        checked={draft.options.wrap}
        onChange={(event) => changeOptions({ wrap: event.currentTarget.checked })}
      />
      <Switch
        label={t('panel.queryKey')}
        description={t('panel.queryKeyHint')}
        checked={draft.options.cacheKey === 'query'}
        onChange={(event) => changeOptions({ cacheKey: event.currentTarget.checked ? 'query' : 'auto' })}
      />
      <Textarea
        label={t('panel.notes')}
        autosize
        minRows={2}
        maxRows={8}
        value={draft.notes}
        onChange={(event) => change({ notes: event.currentTarget.value })}
      />
      {isChanged && (
        <Group justify="flex-end" gap="xs" className="panel-save">
          <Button variant="subtle" color="gray" size="xs" onClick={() => setTyped({})}>
            {t('action.discard')}
          </Button>
          <Button size="xs" disabled={!isValid} onClick={() => onSave(edit)}>
            {t('action.save')}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

/** What of one record is not the same in another. */
function differing<Fields extends object>(part: Partial<Fields>, whole: Fields): Partial<Fields> {
  const isDifferent = (name: keyof Fields): boolean => JSON.stringify(part[name]) !== JSON.stringify(whole[name]);
  return Object.fromEntries(
    Object.entries(part).filter(([name]) => isDifferent(name as keyof Fields)),
  ) as Partial<Fields>;
}

function QualityFields({ quality, onChange }: { quality: Quality; onChange: (quality: Quality) => void }): ReactNode {
  const { t } = useTranslation();
  return (
    <>
      <Select
        label={t('panel.quality')}
        description={t('panel.qualityHint')}
        allowDeselect={false}
        value={quality.kind}
        onChange={(value) => onChange(toQuality(QUALITIES.find((kind) => kind === value) ?? 'all'))}
        data={QUALITIES.map((value) => ({ value, label: t(`panel.qualities.${value}`) }))}
      />
      {quality.kind === 'at-most' && (
        <NumberInput
          label={t('panel.limit')}
          suffix=" Mbit/s"
          min={0.1}
          max={1000}
          value={quality.bitsPerSecond / BITS_PER_MEGABIT}
          onChange={(value) => {
            const bitsPerSecond = Math.round(Number(value) * BITS_PER_MEGABIT);
            if (bitsPerSecond > 0) onChange({ kind: 'at-most', bitsPerSecond });
          }}
        />
      )}
    </>
  );
}

function toQuality(kind: Quality['kind']): Quality {
  return kind === 'at-most' ? { kind, bitsPerSecond: FIRST_LIMIT_MEGABITS * BITS_PER_MEGABIT } : { kind };
}
