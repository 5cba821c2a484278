import { ActionIcon, Button, Group, Stack, Text, Textarea, TextInput, Tooltip } from '@mantine/core';
import { IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Source } from '../../shared/channel.ts';
import type { ChannelDetail } from '../../shared/contract.ts';
import { useFormat } from '../use-format.ts';
import { parseHeaders, printHeaders } from '../header-text.ts';
import './channel-sources.css';

type Draft = { key: number; url: string; headers: string; listName: string; successRate: number | null };

type ChannelSourcesProps = { channel: ChannelDetail; onSave: (sources: Source[]) => void };

/** Where the channel comes from, best first: the next one takes over when one fails. */
export function ChannelSources({ channel, onSave }: ChannelSourcesProps): ReactNode {
  const { t } = useTranslation();
  const saved = toDrafts(channel);
  const [drafts, setDrafts] = useState(saved);
  const sources = drafts.map(({ url, headers }) => ({ url: url.trim(), headers: parseHeaders(headers) ?? {} }));
  const isChanged = JSON.stringify(sources) !== JSON.stringify(toSources(channel));
  const isValid =
    drafts.length > 0 && drafts.every((draft) => isUrl(draft.url) && parseHeaders(draft.headers) !== null);
  const change = (key: number, part: Partial<Draft>): void =>
    setDrafts(drafts.map((draft) => (draft.key === key ? { ...draft, ...part } : draft)));
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        {t('panel.sourcesHint')}
      </Text>
      {drafts.map((draft, index) => (
        <SourceFields
          key={draft.key}
          draft={draft}
          position={index + 1}
          onChange={(part) => change(draft.key, part)}
          onRaise={index === 0 ? undefined : () => setDrafts(raise(drafts, index))}
          onRemove={drafts.length === 1 ? undefined : () => setDrafts(drafts.filter(({ key }) => key !== draft.key))}
        />
      ))}
      <Group justify="space-between">
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={15} aria-hidden />}
          onClick={() => setDrafts([...drafts, createDraft(drafts)])}
        >
          {t('panel.addSource')}
        </Button>
        {isChanged && (
          <Group gap="xs">
            <Button variant="subtle" color="gray" size="xs" onClick={() => setDrafts(saved)}>
              {t('action.discard')}
            </Button>
            <Button size="xs" disabled={!isValid} onClick={() => onSave(sources)}>
              {t('action.save')}
            </Button>
          </Group>
        )}
      </Group>
    </Stack>
  );
}

type SourceFieldsProps = {
  draft: Draft;
  position: number;
  onChange: (part: Partial<Draft>) => void;
  onRaise: (() => void) | undefined;
  onRemove: (() => void) | undefined;
};

function SourceFields({ draft, position, onChange, onRaise, onRemove }: SourceFieldsProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <fieldset className="source-fields">
      <legend className="source-fields__legend">
        {position === 1 ? t('panel.firstSource') : t('panel.backupSource', { position })}
      </legend>
      <div className="source-fields__about">
        <span className="truncate">{draft.listName === '' ? t('panel.addedByHand') : draft.listName}</span>
        {draft.successRate !== null && <span>{t('panel.success', { share: format.percent(draft.successRate) })}</span>}
        {onRaise !== undefined && (
          <Tooltip label={t('panel.raise')}>
            <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('panel.raise')} onClick={onRaise}>
              <IconArrowUp size={15} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
        {onRemove !== undefined && (
          <Tooltip label={t('action.remove')}>
            <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('action.remove')} onClick={onRemove}>
              <IconTrash size={15} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
      <TextInput
        size="xs"
        aria-label={t('panel.sourceUrl')}
        placeholder="https://"
        value={draft.url}
        error={draft.url !== '' && !isUrl(draft.url) && t('add.notAnAddress')}
        onChange={(event) => onChange({ url: event.currentTarget.value })}
      />
      <Textarea
        size="xs"
        mt={6}
        autosize
        maxRows={6}
        label={t('panel.headers')}
        placeholder="User-Agent: VLC/3.0.21"
        value={draft.headers}
        error={parseHeaders(draft.headers) === null && t('panel.badHeaders')}
        onChange={(event) => onChange({ headers: event.currentTarget.value })}
      />
    </fieldset>
  );
}

function toDrafts({ sources }: ChannelDetail): Draft[] {
  return sources.map(({ url, headers, listName, successRate }, key) => ({
    key,
    url,
    headers: printHeaders(headers),
    listName,
    successRate,
  }));
}

function toSources({ sources }: ChannelDetail): Source[] {
  return sources.map(({ url, headers }) => ({ url, headers }));
}

function createDraft(drafts: readonly Draft[]): Draft {
  const key = Math.max(-1, ...drafts.map((draft) => draft.key)) + 1;
  return { key, url: '', headers: '', listName: '', successRate: null };
}

function raise(drafts: readonly Draft[], index: number): Draft[] {
  const raised = drafts[index];
  if (raised === undefined) return [...drafts];
  const others = drafts.toSpliced(index, 1);
  return others.toSpliced(index - 1, 0, raised);
}

function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text.trim()) && URL.canParse(text.trim());
}
