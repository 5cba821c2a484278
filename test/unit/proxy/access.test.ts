import { describe, expect, test } from 'vitest';
import { createAccess } from '../../../main/proxy/access.ts';

describe('the home network may connect', () => {
  const access = createAccess({ allow: [], deny: [] });

  test.each([
    '127.0.0.1',
    '::1',
    '10.1.2.3',
    '172.16.0.9',
    '172.31.255.254',
    '192.168.1.20',
    '100.64.0.7',
    '169.254.10.10',
    'fe80::1',
    'fe80::1%eth0',
    'fd12:3456::9',
    '::ffff:192.168.1.20',
    '::ffff:c0a8:114',
  ])('%s', (address) => {
    expect(access.admits(address)).toBe(true);
  });
});

describe('nobody else may', () => {
  const access = createAccess({ allow: [], deny: [] });

  test.each([
    '8.8.8.8',
    '172.32.0.1',
    '192.169.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '',
    'localhost',
    undefined,
  ])('%s', (address) => {
    expect(access.admits(address)).toBe(false);
  });
});

describe('what the user allows and denies', () => {
  const access = createAccess({
    allow: ['203.0.113.0/24', '2001:db8:1::/48', '198.51.100.7/32'],
    deny: ['192.168.1.66/32', '203.0.113.128/25', 'fd00:bad::/32'],
  });

  test.each([
    ['203.0.113.9', true],
    ['::ffff:203.0.113.9', true],
    ['2001:db8:1::5', true],
    ['198.51.100.7', true],
    ['198.51.100.8', false],
    ['2001:db8:2::5', false],
    ['192.168.1.65', true],
    ['192.168.1.66', false],
    ['::ffff:192.168.1.66', false],
    ['203.0.113.200', false],
    ['fd00:bad::1', false],
    ['fd00:900d::1', true],
  ])('%s: %s', (address, isAdmitted) => {
    expect(access.admits(address)).toBe(isAdmitted);
  });

  test('denying everything leaves nobody', () => {
    const closed = createAccess({ allow: ['0.0.0.0/0', '::/0'], deny: ['0.0.0.0/0', '::/0'] });
    for (const address of ['127.0.0.1', '192.168.1.2', '::1', '8.8.8.8']) expect(closed.admits(address)).toBe(false);
  });
});

describe('the access key', () => {
  test('is asked for only when there is one', () => {
    expect(createAccess({ allow: [], deny: [] }).asksForKey).toBe(false);
    expect(createAccess({ allow: [], deny: [], accessKey: 'tv-2026' }).asksForKey).toBe(true);
  });

  test.each([
    ['tv-2026', true],
    ['tv-202', false],
    ['TV-2026', false],
    ['', false],
    ['x'.repeat(100_000), false],
  ])('%s opens: %s', (key, isRight) => {
    expect(createAccess({ allow: [], deny: [], accessKey: 'tv-2026' }).isKey(key)).toBe(isRight);
  });
});
