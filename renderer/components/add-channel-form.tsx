import { Autocomplete, Button, Collapse, Group, Loader, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Source } from '../../shared/channel.ts';
import type { Diagnosis } from '../../shared/contract.ts';
import { parseHeaders, printHeaders } from '../header-text.ts';
import { useAction } from '../use-action.ts';
import { useCommand } from '../use-command.ts';
import { useFormat } from '../use-format.ts';
import { useRelay } from '../use-relay.ts';
import { Note } from './note.tsx';

const TYPING_SETTLES_MS = 500;
const GROUPS_SUGGESTED = 50;

/** One channel by its address, tried as soon as the address is there. */
export function AddChannelForm({ onDone }: { onDone: (id: string) => void }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const relay = useRelay();
  const [url, setUrl] = useState('');
  const [name, setName] = useState('');
  const [group, setGroup] = useState('');
  const [headers, setHeaders] = useState('');
  const [areHeadersShown, setHeadersShown] = useState(false);
  const source: Source = { url: url.trim(), headers: parseHeaders(headers) ?? {} };
  const isUrl = /^https?:\/\/./i.test(source.url) && URL.canParse(source.url);
  const [tried] = useDebouncedValue(isUrl ? source : null, TYPING_SETTLES_MS);
  const diagnosis = useCommand('health.checkSource', tried === null ? null : { source: tried });
  const groups = useCommand('channels.groups', {}).value ?? [];
  const { run: add, isRunning } = useAction(async () => {
    const channel = await relay.call('channels.add', { name, group, source });
    onDone(channel.id);
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <Stack>
        <TextInput
          data-autofocus
          label={t('add.address')}
          description={t('add.addressHint')}
          placeholder="https://example.com/live/stream.m3u8"
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
          error={url.trim() !== '' && !isUrl && t('add.notAnAddress')}
        />
        {isUrl && (
          <DiagnosisNote
            diagnosis={diagnosis.value}
            failure={diagnosis.error && format.sentence(diagnosis.error.sentence)}
            isRunning={diagnosis.isLoading || tried === null}
            onTakeHeaders={(better) => {
              setHeaders(printHeaders(better));
              setHeadersShown(true);
            }}
          />
        )}
        <Group grow align="start">
          <TextInput
            label={t('channels.field.name')}
            placeholder={t('add.namePlaceholder')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Autocomplete
            label={t('channels.field.group')}
            limit={GROUPS_SUGGESTED}
            data={groups.map((known) => known.name).filter((known) => known !== '')}
            value={group}
            onChange={setGroup}
          />
        </Group>
        <div>
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            aria-expanded={areHeadersShown}
            onClick={() => setHeadersShown(!areHeadersShown)}
          >
            {t('panel.headers')}
          </Button>
          <Collapse expanded={areHeadersShown}>
            <Textarea
              mt={6}
              autosize
              minRows={2}
              aria-label={t('panel.headers')}
              placeholder={'User-Agent: VLC/3.0.21\nReferer: https://example.com/'}
              value={headers}
              error={parseHeaders(headers) === null && t('panel.badHeaders')}
              onChange={(event) => setHeaders(event.currentTarget.value)}
            />
          </Collapse>
        </div>
      </Stack>
      <Group justify="flex-end" mt="lg">
        <Button type="submit" loading={isRunning} disabled={!isUrl || parseHeaders(headers) === null}>
          {t('channels.addOne')}
        </Button>
      </Group>
    </form>
  );
}

type DiagnosisNoteProps = {
  diagnosis: Diagnosis | undefined;
  failure: string | undefined;
  isRunning: boolean;
  onTakeHeaders: (headers: Record<string, string>) => void;
};

/** What trying the address showed. */
function DiagnosisNote({ diagnosis, failure, isRunning, onTakeHeaders }: DiagnosisNoteProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  if (isRunning) {
    return (
      <Group gap="sm" role="status" mih={52}>
        <Loader size={16} />
        <Text size="sm">{t('add.trying')}</Text>
      </Group>
    );
  }
  if (failure !== undefined) return <Note tone="bad" role="alert" title={failure} />;
  if (diagnosis === undefined) return null;
  const { verdict, sentence, findings, betterHeaders } = diagnosis;
  return (
    <Note
      tone={verdict === 'plays' ? 'good' : verdict === 'warning' ? 'warning' : 'bad'}
      role="status"
      title={format.sentence(sentence)}
    >
      {findings.length > 0 && <Text size="xs">{findings.map(format.sentence).join(' · ')}</Text>}
      {betterHeaders !== null && (
        <Button size="xs" mt="sm" onClick={() => onTakeHeaders(betterHeaders)}>
          {t('panel.takeHeaders', { names: Object.keys(betterHeaders).join(', ') })}
        </Button>
      )}
    </Note>
  );
}
