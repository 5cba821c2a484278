import { expect, test } from 'vitest';
import { say } from '../../../shared/sentences.ts';
import type { UpdateState } from '../../../shared/contract.ts';
import type { Updates } from '../../../main/control/updates.ts';
import { startControlledRelay } from '../../support/control-relay.ts';

/** Updates as the desktop app has them, with the steps of a test. */
function scriptedUpdates() {
  const listeners = new Set<(state: UpdateState) => void>();
  const become = (next: UpdateState): void => {
    updates.state = next;
    for (const listener of listeners) listener(next);
  };
  const updates: Updates & { state: UpdateState } = {
    state: { kind: 'idle', checkedAt: null },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    check: () => Promise.resolve(become({ kind: 'available', version: '2.0.0' })),
    download: () => become({ kind: 'downloading', version: '2.0.0', percent: 0 }),
    restart: () => undefined,
  };
  return { updates, become, listeners };
}

test('the window looks for a newer version, hears how it goes, and leaves a note of what it began', async () => {
  const { updates, become } = scriptedUpdates();
  await using relay = await startControlledRelay({ isStarted: false, updates });
  const heard: unknown[] = [];
  relay.control.events.subscribe((name, value) => name === 'updates' && heard.push(value));
  expect(await relay.ask('updates.get', {})).toEqual({ kind: 'idle', checkedAt: null });
  expect(await relay.ask('updates.check', {})).toEqual({ kind: 'available', version: '2.0.0' });
  expect(await relay.ask('updates.download', {})).toMatchObject({ kind: 'downloading' });
  become({ kind: 'ready', version: '2.0.0' });
  expect(await relay.ask('updates.restart', {})).toEqual({ kind: 'ready', version: '2.0.0' });
  expect(heard).toMatchObject([{ kind: 'available' }, { kind: 'downloading' }, { kind: 'ready' }]);
  const { rows } = await relay.ask('operations.query', {});
  expect(rows.map(({ what }) => what)).toEqual([
    say('did.restartIntoUpdate', { version: '2.0.0' }),
    say('did.downloadUpdate', { version: '2.0.0' }),
  ]);
});

test('a relay that has stopped hears no more of updates', async () => {
  const { updates, listeners } = scriptedUpdates();
  const relay = await startControlledRelay({ isStarted: false, updates });
  expect(listeners.size).toBe(1);
  await relay[Symbol.asyncDispose]();
  relay.control.stop();
  expect(listeners.size).toBe(0);
});

test('without a window, updates are a matter of whoever installed it', async () => {
  await using relay = await startControlledRelay({ isStarted: false });
  expect(await relay.ask('updates.check', {})).toEqual({ kind: 'off', reason: 'headless' });
});
