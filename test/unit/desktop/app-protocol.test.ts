import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { APP_SCHEME, createPageHandler } from '../../../main/desktop/app-protocol.ts';
import { PAGE_URL } from '../../../main/desktop/page.ts';

async function startPage() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-page-'));
  const rendererFolder = join(folder.path, 'renderer');
  await mkdir(join(rendererFolder, 'assets'), { recursive: true });
  await writeFile(join(rendererFolder, 'index.html'), '<!doctype html><title>Hearthcast</title>');
  await writeFile(join(rendererFolder, 'assets/main-1.js'), 'export {};');
  await writeFile(join(folder.path, 'settings.json'), 'secret');
  const handle = createPageHandler({ pageUrl: PAGE_URL, rendererFolder });
  return {
    ask: (url: string, method = 'GET') => handle({ url, method }),
    [Symbol.asyncDispose]: () => folder.remove(),
  };
}

test('the page is the built window, under a policy that lets in nothing else', async () => {
  await using page = await startPage();
  const response = await page.ask(PAGE_URL);
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('<title>Hearthcast</title>');
  expect(response.headers.get('Content-Type')).toBe('text/html; charset=utf-8');
  const policy = new Map(
    response.headers
      .get('Content-Security-Policy')
      ?.split('; ')
      .map((rule) => [rule.split(' ')[0], rule.split(' ').slice(1).join(' ')]),
  );
  expect(policy.get('default-src')).toBe("'self'");
  expect(policy.has('script-src')).toBe(false);
  expect(policy.get('connect-src')).toBe("'self' http://127.0.0.1:*");
  expect(policy.get('frame-ancestors')).toBe("'none'");
  expect(policy.get('base-uri')).toBe("'none'");
});

test('its files come with their types', async () => {
  await using page = await startPage();
  const response = await page.ask(`${PAGE_URL}assets/main-1.js?v=1`);
  expect(response.headers.get('Content-Type')).toBe('text/javascript; charset=utf-8');
  expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
});

test.for([
  'app://hearthcast/settings.json',
  'app://hearthcast/../settings.json',
  'app://hearthcast/%2e%2e/settings.json',
  'app://hearthcast/..%2fsettings.json',
  'app://hearthcast/assets/..%5c..%5c..%5csettings.json',
  'app://hearthcast//etc/passwd',
  'app://other/index.html',
])('%s leads to nothing', async (url) => {
  await using page = await startPage();
  const response = await page.ask(url);
  expect(response.status).toBe(404);
  expect(await response.text()).toBe('');
});

test('nothing can be sent to the page', async () => {
  await using page = await startPage();
  expect((await page.ask(PAGE_URL, 'POST')).status).toBe(404);
});

test('the scheme counts as secure, and gets around no policy', () => {
  expect(APP_SCHEME.privileges).toMatchObject({ standard: true, secure: true });
  expect(APP_SCHEME.privileges).not.toHaveProperty('bypassCSP');
});
