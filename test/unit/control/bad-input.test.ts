import { expect, test } from 'vitest';
import { createFormat } from '../../../renderer/format.ts';
import { ChannelEdit, commands, EditableSettings, type CommandName } from '../../../shared/contract.ts';
import { isSentenceId } from '../../../shared/sentences.ts';
import { describeBadInput } from '../../../main/control/bad-input.ts';

test.each<[sentence: string, field: string | undefined, command: CommandName, input: unknown]>([
  ['The port must be a number.', 'port', 'settings.save', { settings: { port: 'x' } }],
  ['The port must be a whole number.', 'port', 'settings.save', { settings: { port: 1.5 } }],
  ['The port must be at least 0.', 'port', 'settings.save', { settings: { port: -1 } }],
  ['The memory cache MiB must be at least 16.', 'memoryCacheMiB', 'settings.save', { settings: { memoryCacheMiB: 1 } }],
  ['The prefetch must be yes or no.', 'prefetch', 'settings.save', { settings: { prefetch: 'on' } }],
  ['The theme must be one of auto, light, dark.', 'theme', 'settings.save', { settings: { theme: 'pink' } }],
  ['The User-Agent must not be empty.', 'userAgent', 'settings.save', { settings: { userAgent: '' } }],
  [
    'The allowed networks, entry 2 must be a range of addresses like 192.168.1.0/24.',
    'allow.1',
    'settings.save',
    { settings: { allow: ['10.0.0.0/8', '10.0.0'] } },
  ],
  [
    'The address for TVs must be an address like 192.168.1.20.',
    'lanAddress',
    'settings.save',
    { settings: { lanAddress: 'router' } },
  ],
  [
    'The HTTP proxy must be an address that begins with http:// or https://.',
    'upstreamProxy',
    'settings.save',
    { settings: { upstreamProxy: 'ftp://proxy' } },
  ],
  ['The settings must be an object.', 'settings', 'settings.save', {}],
  ['The input must be an object.', undefined, 'settings.save', 'port'],
  ['The id has characters that cannot be used here.', 'id', 'channels.get', { id: '../etc' }],
  ['The sources must not be empty.', 'sources', 'channels.save', { id: 'ch_a', edit: { sources: [] } }],
  [
    'The name must be at most 300 characters long.',
    'name',
    'channels.save',
    { id: 'ch_a', edit: { name: 'x'.repeat(301) } },
  ],
  [
    'The sources, entry 1, url must be text.',
    'sources.0.url',
    'channels.save',
    { id: 'ch_a', edit: { sources: [{ url: 1, headers: {} }] } },
  ],
  ['The kind must be one of url, file, text, xtream.', 'kind', 'lists.plan', { origin: { kind: 'ftp' }, taskId: 't' }],
  ['The ids must not be empty.', 'ids', 'channels.remove', { selection: { kind: 'ids', ids: [] } }],
])('%s', (sentence, field, command, input) => {
  const parsed = commands[command].input.safeParse(input);
  if (parsed.success) throw new Error('the input was taken');
  const failure = describeBadInput(parsed.error);
  expect(failure).toMatchObject({ code: 'BAD_INPUT', sentence: { text: sentence } });
  expect(failure.field).toBe(field);
});

test('in Chinese too', () => {
  const parsed = commands['settings.save'].input.safeParse({ settings: { allow: ['10.0.0.0/8', '10.0.0'] } });
  if (parsed.success) throw new Error('the input was taken');
  expect(createFormat('zh').sentence(describeBadInput(parsed.error).sentence)).toBe(
    '“额外允许的网段、第 2 项”应为形如 192.168.1.0/24 的网段。',
  );
});

test('every field of a channel and of the settings has a name in words', () => {
  const fields = Object.keys({ ...ChannelEdit.shape, ...EditableSettings.shape });
  expect(fields.filter((field) => !isSentenceId(`field.${field}`))).toEqual([]);
});
