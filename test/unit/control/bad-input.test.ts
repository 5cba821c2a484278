import { expect, test } from 'vitest';
import { commands, type CommandName } from '../../../shared/contract.ts';
import { describeBadInput } from '../../../main/control/bad-input.ts';

test.each<[sentence: string, field: string | undefined, command: CommandName, input: unknown]>([
  ['The port must be a number.', 'port', 'settings.save', { settings: { port: 'x' } }],
  ['The port must be a whole number.', 'port', 'settings.save', { settings: { port: 1.5 } }],
  ['The port must be at least 0.', 'port', 'settings.save', { settings: { port: -1 } }],
  ['The memory cache MiB must be at least 16.', 'memoryCacheMiB', 'settings.save', { settings: { memoryCacheMiB: 1 } }],
  ['The prefetch must be yes or no.', 'prefetch', 'settings.save', { settings: { prefetch: 'on' } }],
  ['The theme must be one of auto, light, dark.', 'theme', 'settings.save', { settings: { theme: 'pink' } }],
  ['The user agent must not be empty.', 'userAgent', 'settings.save', { settings: { userAgent: '' } }],
  [
    'The allow, entry 2 must be a range of addresses like 192.168.1.0/24.',
    'allow.1',
    'settings.save',
    { settings: { allow: ['10.0.0.0/8', '10.0.0'] } },
  ],
  [
    'The lan address must be an address like 192.168.1.20.',
    'lanAddress',
    'settings.save',
    { settings: { lanAddress: 'router' } },
  ],
  [
    'The upstream proxy must be an address that begins with http:// or https://.',
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
  ['The ids must not be empty.', 'ids', 'channels.remove', { ids: [] }],
])('%s', (sentence, field, command, input) => {
  const parsed = commands[command].input.safeParse(input);
  if (parsed.success) throw new Error('the input was taken');
  expect(describeBadInput(parsed.error)).toEqual({
    code: 'BAD_INPUT',
    sentence,
    ...(field !== undefined && { field }),
  });
});
