import { expect, test } from 'vitest';
import { createTranslations, pickLanguage } from '../../../renderer/i18n.ts';

test.for([
  ['auto', ['zh-CN', 'en'], 'zh'],
  ['auto', ['zh-Hant-TW'], 'zh'],
  ['auto', ['de-DE', 'zh'], 'zh'],
  ['auto', ['de-DE', 'en-GB'], 'en'],
  ['auto', ['fr'], 'en'],
  ['en', ['zh-CN'], 'en'],
] as const)('chosen %s with %j preferred shows %s', ([chosen, preferred, language]) => {
  expect(pickLanguage(chosen, preferred)).toBe(language);
});

test('the language changes while the window is open, and counts follow its grammar', async () => {
  const translations = await createTranslations('en');
  expect(translations.t('channels.removed', { count: 1 })).toBe('1 channel removed.');
  expect(translations.t('channels.removed', { count: 3 })).toBe('3 channels removed.');
  await translations.changeLanguage('zh');
  expect(translations.t('channels.removed', { count: 1 })).toBe('已移除 1 个频道。');
});
