import { expect, test } from 'vitest';
import { createBugReport } from '../../../renderer/bug-report.ts';
import { maskSecrets } from '../../../renderer/mask-secrets.ts';

test.for([
  ['https://provider.example/live/anna/secret123/7.ts?token=abc', 'https://provider.example/***'],
  ['http://anna:secret123@provider.example:8080/', 'http://provider.example:8080'],
  ['redis://user:secret123@192.168.1.5:6379/2', 'redis://192.168.1.5:6379/***'],
  ['password=secret123 next', 'password=*** next'],
  ['{"password":"secret123","ms":42}', '{"password":"***","ms":42}'],
  ['Authorization: Bearer-secret123', 'Authorization: ***'],
])('%s is shown as %s', ([text, masked]) => {
  expect(maskSecrets(String(text))).toBe(masked);
});

test('a report for strangers has the version and the lines, oldest first, and none of their secrets', () => {
  const line = { at: 0, level: 'warn', detail: '{"url":"https://p.example/live/anna/secret123/7.ts"}' } as const;
  const report = createBugReport({
    version: '1.2.3',
    browser: 'Chromium',
    at: 0,
    lines: [
      { ...line, id: 2, text: 'second' },
      { ...line, id: 1, text: 'first' },
    ],
  });
  expect(report).toContain('Hearthcast 1.2.3');
  expect(report.indexOf('first')).toBeLessThan(report.indexOf('second'));
  expect(report).not.toContain('secret123');
});
