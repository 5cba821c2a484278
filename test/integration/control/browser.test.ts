import { describe, expect, test } from 'vitest';
import { openProfile } from '../../support/chromium.ts';
import { startControlServer } from '../../support/control-server.ts';
import { body, startFakeOrigin } from '../../support/fake-origin.ts';
import { needs } from '../../support/requirements.ts';

/** A window that does what the real one does: a command, and listening. */
const files = {
  'index.html':
    '<!doctype html><title>starting</title><script type="module" crossorigin src="./assets/app-1.js"></script>',
  'assets/app-1.js': `
    const reply = await fetch('api/channels.groups', {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}',
    }).then((response) => response.json());
    const events = new EventSource('api/events');
    events.addEventListener('snapshot', ({ data }) => {
      document.title = reply.value[0].name + ', ' + JSON.parse(data).status;
    });
  `,
};
const handlers = { 'channels.groups': () => [{ name: 'News', count: 3 }] };

describe('a real browser', needs('chromium'), () => {
  test('opens the printed address, commands and listens, and keeps no token in its history', async () => {
    await using control = await startControlServer({ files, handlers });
    await using browser = await openProfile();
    const page = await browser.newPage();
    await page.goto(control.url);
    await page.waitForFunction(() => document.title === 'News, running');
    expect(page.url()).toBe(`${control.origin}/`);
    await page.reload();
    await page.waitForFunction(() => document.title === 'News, running');
  });

  test('that was let in still does nothing for a page of another site, be it on this very machine', async () => {
    let isReached = false;
    await using control = await startControlServer({
      files,
      handlers: {
        ...handlers,
        'cache.clear': () => {
          isReached = true;
          return {};
        },
      },
    });
    await using evil = await startFakeOrigin({ '/': body('<title>evil</title>', { 'Content-Type': 'text/html' }) });
    await using browser = await openProfile();
    const page = await browser.newPage();
    await page.goto(control.url);
    await page.waitForFunction(() => document.title === 'News, running');

    await page.goto(evil.url);
    const outcomes = await page.evaluate(async (target) => {
      const attempt = (init: RequestInit): Promise<string> =>
        fetch(`${target}/api/cache.clear`, { method: 'POST', credentials: 'include', body: '{}', ...init }).then(
          ({ type, status }) => `${type} ${status}`,
          () => 'refused',
        );
      const frame = document.createElement('iframe');
      frame.src = target;
      document.body.append(frame);
      await new Promise((resolve) => frame.addEventListener('load', resolve));
      return {
        json: await attempt({ headers: { 'Content-Type': 'application/json' } }),
        simple: await attempt({ mode: 'no-cors' }),
        framed: frame.contentDocument === null ? 'hidden' : frame.contentDocument.title,
        listened: await new Promise((resolve) => {
          const events = new EventSource(`${target}/api/events`, { withCredentials: true });
          events.addEventListener('open', () => resolve('open'));
          events.addEventListener('error', () => resolve('refused'));
        }),
      };
    }, control.origin);
    expect(outcomes).toMatchObject({ json: 'refused', framed: 'hidden', listened: 'refused' });
    expect(isReached).toBe(false);
    expect(page.frames().some((frame) => frame.url().startsWith(control.origin))).toBe(false);
  });
});
