import { expect, test } from 'vitest';
import { claimInstance } from '../../../main/desktop/instance.ts';
import type { ListOrigin } from '../../../shared/contract.ts';
import { FakeApp } from '../../support/fake-electron/fake-app.ts';
import { preventable } from '../../support/fake-electron/fake-window.ts';

const LIST: ListOrigin = { kind: 'file', path: '/tv/list.m3u' };

function startFirst(offers: readonly ListOrigin[] = []) {
  const app = new FakeApp({});
  const served: (readonly ListOrigin[])[] = [];
  const instance = claimInstance(app, offers);
  return { app, served, serve: () => instance?.serve((more) => void served.push(more)) };
}

test('a second start is none: the first one gets what it was offered', () => {
  const { app, served, serve } = startFirst();
  serve();
  expect(claimInstance(new FakeApp({ first: app }), [LIST])).toBeUndefined();
  expect(served).toEqual([[LIST]]);
});

test('a second start with nothing to offer still wants the window', () => {
  const { app, served, serve } = startFirst();
  serve();
  claimInstance(new FakeApp({ first: app }), []);
  expect(served).toEqual([[]]);
});

test('what another program claims to be a second start offers nothing that is not a list', () => {
  const { app, served, serve } = startFirst();
  serve();
  app.emit('second-instance', {}, ['/tv/list.m3u'], '/', { offers: [{ kind: 'url', url: 'file:///etc/passwd' }] });
  app.emit('second-instance', {}, [], '/', null);
  expect(served).toEqual([[], []]);
});

test('what was offered before anybody could take it waits', () => {
  const { app, served, serve } = startFirst([LIST]);
  const opening = preventable({});
  app.emit('open-file', opening, '/tv/other.m3u');
  expect(opening.isPrevented).toBe(true);
  expect(served).toEqual([]);
  serve();
  expect(served).toEqual([[LIST, { kind: 'file', path: '/tv/other.m3u' }]]);
});

test('a first start with nothing to offer asks for nothing', () => {
  const { served, serve } = startFirst();
  serve();
  expect(served).toEqual([]);
});

test('macOS hands over files and links while the app runs', () => {
  const { app, served, serve } = startFirst();
  serve();
  app.emit('open-file', preventable({}), '/tv/list.m3u');
  app.emit('open-url', preventable({}), 'hearthcast://import?url=https%3A%2F%2Fexample.com%2Fa.m3u');
  expect(served).toEqual([[LIST], [{ kind: 'url', url: 'https://example.com/a.m3u' }]]);
});
