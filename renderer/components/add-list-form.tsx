import { Button, Group, PasswordInput, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListOrigin } from '../../shared/contract.ts';
import { decodeList, looksLikeList } from '../list-text.ts';
import { useAction } from '../use-action.ts';
import { useFormat } from '../use-format.ts';
import type { Task } from '../use-task.ts';
import { Note } from './note.tsx';
import { PickFile } from './pick-file.tsx';
import { TaskProgress } from './task-progress.tsx';

type AddListFormProps = { kind: 'list' | 'xtream'; task: Task; onPlan: (origin: ListOrigin) => void };

/** Where a list of channels is: nothing changes before its preview is accepted. */
export function AddListForm({ kind, task, onPlan }: AddListFormProps): ReactNode {
  const format = useFormat();
  return (
    <>
      {kind === 'list' ? (
        <ListFields isDisabled={task.isRunning} onPlan={onPlan} />
      ) : (
        <XtreamFields isDisabled={task.isRunning} onPlan={onPlan} />
      )}
      {task.error !== undefined && (
        <div style={{ marginTop: 16 }}>
          <Note tone="bad" role="alert" title={format.sentence(task.error.sentence)} />
        </div>
      )}
      {task.isRunning && (
        <div style={{ marginTop: 16 }}>
          <TaskProgress task={task} />
        </div>
      )}
    </>
  );
}

type FieldsProps = { isDisabled: boolean; onPlan: (origin: ListOrigin) => void };

function ListFields({ isDisabled, onPlan }: FieldsProps): ReactNode {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const origin = originOf(text, t('add.pasted'));
  const { run: readFile } = useAction(async (file: File) => {
    onPlan({ kind: 'text', name: file.name, text: decodeList(new Uint8Array(await file.arrayBuffer())) });
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (origin !== undefined) onPlan(origin);
      }}
    >
      <Textarea
        data-autofocus
        label={t('add.list')}
        description={t('add.listHint')}
        placeholder="https://example.com/playlist.m3u"
        autosize
        minRows={3}
        maxRows={10}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={text.trim() !== '' && origin === undefined && t('add.notAList')}
      />
      <Group justify="space-between" mt="lg">
        <Group gap="xs">
          <PickFile
            accept=".m3u,.m3u8,.txt,.pls,audio/x-mpegurl,text/plain"
            disabled={isDisabled}
            leftSection={<IconFileUpload size={17} aria-hidden />}
            onPick={readFile}
          >
            {t('add.chooseFile')}
          </PickFile>
          <Text size="xs" c="dimmed">
            {t('add.dropHint')}
          </Text>
        </Group>
        <Button type="submit" disabled={origin === undefined || isDisabled}>
          {t('add.preview')}
        </Button>
      </Group>
    </form>
  );
}

/** An address, a path on the relay's machine, or the list itself. */
function originOf(text: string, name: string): ListOrigin | undefined {
  const trimmed = text.trim();
  if (/^https?:\/\/\S+$/i.test(trimmed) && URL.canParse(trimmed)) return { kind: 'url', url: trimmed };
  if (/^(?:\/|[a-z]:[\\/]|\\\\)[^\n]+$/i.test(trimmed)) return { kind: 'file', path: trimmed };
  return looksLikeList(trimmed) ? { kind: 'text', name, text } : undefined;
}

function XtreamFields({ isDisabled, onPlan }: FieldsProps): ReactNode {
  const { t } = useTranslation();
  const [server, setServer] = useState('');
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const isServer = /^https?:\/\/./i.test(server.trim()) && URL.canParse(server.trim());
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onPlan({ kind: 'xtream', server: server.trim(), username: username.trim(), password });
      }}
    >
      <Stack>
        <TextInput
          data-autofocus
          label={t('add.server')}
          description={t('add.serverHint')}
          placeholder="http://provider.example:8080"
          value={server}
          onChange={(event) => setServer(event.currentTarget.value)}
          error={server.trim() !== '' && !isServer && t('add.notAnAddress')}
        />
        <Group grow>
          <TextInput
            label={t('add.username')}
            autoComplete="off"
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
          />
          <PasswordInput
            label={t('add.password')}
            autoComplete="off"
            visibilityToggleButtonProps={{ 'aria-label': t('add.showPassword') }}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        </Group>
        <Text size="xs" c="dimmed">
          {t('add.passwordHint')}
        </Text>
      </Stack>
      <Group justify="flex-end" mt="lg">
        <Button type="submit" disabled={!isServer || username.trim() === '' || password === '' || isDisabled}>
          {t('add.preview')}
        </Button>
      </Group>
    </form>
  );
}
