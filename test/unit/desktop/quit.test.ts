import { expect, test, vi } from 'vitest';
import { stopBeforeQuit } from '../../../main/desktop/quit.ts';
import { FakeApp } from '../../support/fake-electron/fake-app.ts';
import { recordLog } from '../../support/recorded-log.ts';

const LONG_MS = 60_000;

test('the app quits when the relay has stopped, not before', async () => {
  const app = new FakeApp({});
  const { promise, resolve } = Promise.withResolvers<void>();
  stopBeforeQuit(app, { stop: () => promise, deadlineMs: LONG_MS, log: recordLog().log });
  app.quit();
  await Promise.resolve();
  expect(app.hasQuit).toBe(false);
  resolve();
  await vi.waitFor(() => expect(app.hasQuit).toBe(true));
});

test('the relay is stopped once, however often one quits', async () => {
  const app = new FakeApp({});
  const stop = vi.fn<() => Promise<void>>(() => Promise.resolve());
  stopBeforeQuit(app, { stop, deadlineMs: LONG_MS, log: recordLog().log });
  app.quit();
  app.quit();
  await vi.waitFor(() => expect(app.hasQuit).toBe(true));
  expect(stop).toHaveBeenCalledTimes(1);
});

test('the windows are closed before the relay is stopped', async () => {
  const app = new FakeApp({});
  const order: string[] = [];
  app.windowOpened({ on: () => undefined, close: () => void order.push('window') });
  const stop = (): Promise<void> => Promise.resolve(void order.push('relay'));
  stopBeforeQuit(app, { stop, deadlineMs: LONG_MS, log: recordLog().log });
  app.quit();
  await vi.waitFor(() => expect(app.hasQuit).toBe(true));
  expect(order.slice(0, 2)).toEqual(['window', 'relay']);
});

test('a relay that does not stop is not waited for for ever', async () => {
  const app = new FakeApp({});
  stopBeforeQuit(app, { stop: () => new Promise(() => undefined), deadlineMs: 20, log: recordLog().log });
  app.quit();
  await vi.waitFor(() => expect(app.hasQuit).toBe(true));
});

test('a relay that fails to stop does not keep the app open', async () => {
  const app = new FakeApp({});
  const { log, messages } = recordLog();
  stopBeforeQuit(app, { stop: () => Promise.reject(new Error('no')), deadlineMs: LONG_MS, log });
  app.quit();
  await vi.waitFor(() => expect(app.hasQuit).toBe(true));
  expect(messages).toEqual(['the relay did not stop cleanly']);
});

test('what is to happen instead of quitting happens when the relay has stopped', async () => {
  const app = new FakeApp({});
  const order: string[] = [];
  const stop = (): Promise<void> => Promise.resolve(void order.push('relay'));
  const quitWith = stopBeforeQuit(app, { stop, deadlineMs: LONG_MS, log: recordLog().log });
  quitWith(() => {
    order.push('installer');
    app.quit();
  });
  await vi.waitFor(() => expect(app.hasQuit).toBe(true));
  expect(order).toEqual(['relay', 'installer']);
});
