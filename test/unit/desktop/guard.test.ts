import { describe, expect, test } from 'vitest';
import { guardContents, guardPermissions } from '../../../main/desktop/guard.ts';
import { PAGE_URL } from '../../../main/desktop/page.ts';
import { createFakeElectron } from '../../support/fake-electron/fake-electron.ts';
import { FakeContents } from '../../support/fake-electron/fake-window.ts';
import { recordLog } from '../../support/recorded-log.ts';

function guarded() {
  const contents = new FakeContents();
  const { electron, seen } = createFakeElectron();
  const { log, messages } = recordLog();
  guardContents(contents, { pageUrl: PAGE_URL, shell: electron.shell, log });
  return { contents, seen, messages };
}

describe('a page in our window', () => {
  test.for([`${PAGE_URL}#/channels/ch_news`, PAGE_URL])('may go to %s', (url) => {
    const { contents, seen } = guarded();
    expect(contents.navigate(url)).toBe(true);
    expect(seen.openedInBrowser).toEqual([]);
  });

  test('goes nowhere on the web: the browser does', () => {
    const { contents, seen } = guarded();
    expect(contents.navigate('https://example.com/a?b=c')).toBe(false);
    expect(seen.openedInBrowser).toEqual(['https://example.com/a?b=c']);
  });

  test.for([
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/html,hi',
    'app://other/',
    'app://hearthcast.evil/',
    'smb://server/share',
    'hearthcast://import?url=http://a/',
    'not a url',
  ])('does not go to %s, and nothing else opens that', (url) => {
    const { contents, seen } = guarded();
    expect(contents.navigate(url)).toBe(false);
    expect(contents.openWindow(url)).toBe(false);
    expect(seen.openedInBrowser).toEqual([]);
  });

  test('is not led elsewhere by a redirect', () => {
    const { contents, seen } = guarded();
    expect(contents.navigate('https://example.com/', 'will-redirect')).toBe(false);
    expect(seen.openedInBrowser).toEqual([]);
  });

  test('opens no window: a link to the web opens in the browser', () => {
    const { contents, seen } = guarded();
    expect(contents.openWindow('https://example.com/')).toBe(false);
    expect(contents.openWindow(PAGE_URL)).toBe(false);
    expect(seen.openedInBrowser).toEqual(['https://example.com/']);
  });

  test('embeds no other contents', () => {
    const { contents } = guarded();
    let isPrevented = false;
    contents.emit('will-attach-webview', { preventDefault: () => (isPrevented = true) });
    expect(isPrevented).toBe(true);
  });
});

test('a link that the browser cannot open is noted', async () => {
  const contents = new FakeContents();
  const { log, messages } = recordLog();
  const shell = { openExternal: () => Promise.reject(new Error('no browser')) };
  guardContents(contents, { pageUrl: PAGE_URL, shell, log });
  contents.openWindow('https://example.com/');
  await Promise.resolve();
  expect(messages).toEqual(['a link could not be opened in the browser']);
});

describe('permissions', () => {
  function guardedSession() {
    const fake = createFakeElectron();
    guardPermissions(fake.electron.session, PAGE_URL);
    return fake;
  }

  test.for(['clipboard-sanitized-write', 'fullscreen', 'loopback-network'])('%s is for our page only', (permission) => {
    const fake = guardedSession();
    expect(fake.isGranted(permission, PAGE_URL)).toBe(true);
    expect(fake.isGranted(permission, 'https://example.com/')).toBe(false);
  });

  test.for(['media', 'geolocation', 'notifications', 'clipboard-read', 'usb', 'openExternal', 'unknown'])(
    '%s is for nobody',
    (permission) => {
      expect(guardedSession().isGranted(permission, PAGE_URL)).toBe(false);
    },
  );
});
