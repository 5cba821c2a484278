import { describe, expect, expectTypeOf, test } from 'vitest';
import { createFormat } from '../../../renderer/format.ts';
import { foreign, keepSentence, readSentence, Sentence } from '../../../shared/sentence.ts';
import { say } from '../../../shared/sentences.ts';

const chinese = createFormat('zh').sentence;
const english = createFormat('en').sentence;

const SENTENCES: readonly (readonly [sentence: Sentence, english: string, chinese: string])[] = [
  [say('status.403'), '403, the provider refuses this player or this account.', '403，服务商拒绝此播放器或此账号。'],
  [say('seen.answered', { time: 84 }), 'Answered in 84 ms.', '84 毫秒后应答。'],
  [say('seen.answered', { time: 3210 }), 'Answered in 3.2 s.', '3.2 秒后应答。'],
  [
    say('broken.standstill', { time: 18_200 }),
    'The playlist has not advanced for 18 s.',
    '播放列表已有 18 秒没有更新。',
  ],
  [
    say('seen.redirected', { time: 5, count: 1 }),
    'Answered in 5 ms after 1 redirect.',
    '经 1 次重定向，5 毫秒后应答。',
  ],
  [
    say('seen.redirected', { time: 5, count: 1200 }),
    'Answered in 5 ms after 1,200 redirects.',
    '经 1,200 次重定向，5 毫秒后应答。',
  ],
  [say('seen.bitRate', { rate: 5_240_000 }), '5.2 Mbit/s', '5.2 Mbit/s'],
  [say('seen.bitRate', { rate: 128_400 }), '128 kbit/s', '128 kbit/s'],
  [
    say('plays.with', { facts: [say('plays.variantsUpTo', { count: 4, most: '1920x1080' }), 'AES-128'] }),
    'Plays: 4 variants up to 1920x1080, AES-128.',
    '可以播放：4 种码率（最高 1920x1080）、AES-128。',
  ],
  [
    say('seen.variants', { count: 2, variants: [say('seen.variant', { parts: ['640x360', '(a,b)'] }), '1920x1080'] }),
    'Multivariant playlist with 2 variants: 640x360 (a,b); 1920x1080.',
    '多码率播放列表，共 2 种码率：640x360 (a,b)；1920x1080。',
  ],
];

describe('a sentence is said', () => {
  test.for(SENTENCES)('in the language of its reader: %j', ([sentence, inEnglish, inChinese]) => {
    expect(sentence.text).toBe(inEnglish);
    expect(english(sentence)).toBe(inEnglish);
    expect(chinese(sentence)).toBe(inChinese);
  });

  test('as a part of another one', () => {
    const subject = say('subject.segment');
    const load = (reason: Sentence): Sentence => say('broken.load', { subject, reason });
    expect(load(say('host.breaks', { host: 'tv.example' })).text).toBe(
      'The newest segment does not load: the connection was broken by tv.example.',
    );
    expect(load(say('host.noName', { host: 'tv.example' })).text).toBe(
      'The newest segment does not load: DNS name not found: tv.example.',
    );
    expect(load(say('status.401')).text).toBe(
      'The newest segment does not load: 401, the provider wants a login: has it expired?',
    );
    expect(chinese(load(say('status.401')))).toBe('最新分片无法获取：401，服务商要求登录：登录过期了吗？');
  });

  test('in English where the window does not know it, whole or in part', () => {
    const unknown: Sentence = { id: 'from.thefuture', parameters: {}, text: 'Something new.' };
    expect(chinese(unknown)).toBe('Something new.');
    expect(chinese(say('broken.load', { subject: say('subject.key'), reason: unknown }))).toBe(
      '密钥无法获取：Something new。',
    );
    expect(chinese({ ...say('seen.key'), id: 'constructor' })).toBe('The key loads.');
  });

  test('in English where its parameters are not those that the window knows', () => {
    expect(chinese({ ...say('seen.answered', { time: 5 }), parameters: {} })).toBe('Answered in 5 ms.');
    expect(chinese({ ...say('seen.answered', { time: 5 }), parameters: { time: 'soon' } })).toBe('soon后应答。');
  });

  test('with the words of others as they are', () => {
    expect(chinese(foreign('ERR max number of clients reached'))).toBe('ERR max number of clients reached');
    expect(say('seen.container', { container: '{host} $& $1' }).text).toBe('Container: {host} $& $1.');
  });
});

describe('a sentence is kept', () => {
  test('and read again as it was', () => {
    const sentence = say('broken.load', { subject: say('subject.key'), reason: say('status.404') });
    expect(readSentence(keepSentence(sentence))).toEqual(sentence);
    expect(readSentence(keepSentence(null))).toBeNull();
  });

  test.for(['The provider answered 403.', '42', '{"id":1}', 'null'])(
    'by an older version as text, which stays what it was: %s',
    (text) => {
      expect(readSentence(text)).toEqual({ id: '', parameters: {}, text });
    },
  );
});

test('a sentence crosses a border only as what it is', () => {
  const sentence = say('plays.with', { facts: [say('plays.oneQuality'), 'AES-128'] });
  expect(Sentence.parse(JSON.parse(JSON.stringify(sentence)))).toEqual(sentence);
  for (const wrong of ['text', { text: 'x' }, { id: 'x', parameters: { a: null }, text: 'x' }]) {
    expect(Sentence.safeParse(wrong).success).toBe(false);
  }
});

test('a sentence that is unknown or lacks a parameter does not compile', () => {
  // @ts-expect-error -- There is none of this id.
  expectTypeOf(say('seen.nothing')).toEqualTypeOf<Sentence>();
  // @ts-expect-error -- It has a host.
  expectTypeOf(() => say('host.breaks')).returns.toEqualTypeOf<Sentence>();
  // @ts-expect-error -- A time is a number of milliseconds.
  expectTypeOf(() => say('seen.answered', { time: 'soon' })).returns.toEqualTypeOf<Sentence>();
  // @ts-expect-error -- What changes with a count needs it.
  expectTypeOf(() => say('seen.redirected', { time: 5 })).returns.toEqualTypeOf<Sentence>();
  const either = 'seen.key' as 'seen.key' | 'host.breaks';
  // @ts-expect-error -- It may be the one that has a host.
  expectTypeOf(() => say(either)).returns.toEqualTypeOf<Sentence>();
});
