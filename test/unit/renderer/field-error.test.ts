import { expect, test } from 'vitest';
import { findFieldErrors } from '../../../renderer/field-error.ts';
import { createTranslations } from '../../../renderer/i18n.ts';

const { t } = await createTranslations('en');

test('settings that are right have no errors', () => {
  expect(findFieldErrors(t, { port: 8787, allow: ['192.168.2.0/24'], accessKey: 'a_b-1', upstreamProxy: '' })).toEqual(
    {},
  );
});

test('a wrong value is explained at its field', () => {
  const wrong = { port: 99_999, memoryCacheMiB: 1, allow: ['192.168.2.0'], accessKey: 'a b', userAgent: '' };
  expect(findFieldErrors(t, wrong)).toEqual({
    port: 'At most 65535.',
    memoryCacheMiB: 'At least 16.',
    allow: 'Networks look like 192.168.2.0/24 or 2001:db8::/32.',
    accessKey: 'Letters, digits, - and _ only, 64 at most.',
    userAgent: 'This must not be empty.',
  });
});

test('a number field that was emptied is an error and not a zero', () => {
  expect(findFieldErrors(t, { port: Number.NaN })).toEqual({ port: 'A whole number from 0 to 65535.' });
});
