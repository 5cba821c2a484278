import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LogLine } from '../../../shared/contract.ts';
import { say } from '../../../shared/sentences.ts';
import { createEvents } from '../../../main/control/events.ts';
import { silentLogger } from '../../../main/log.ts';
import { emptySnapshot } from '../../support/snapshot.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function startEvents() {
  const state = { built: 0, isBroken: false };
  const logListeners = new Set<(line: LogLine) => void>();
  const events = createEvents({
    snapshot() {
      state.built += 1;
      if (state.isBroken) throw new Error('no state');
      return { ...emptySnapshot, at: state.built };
    },
    followLog(listener) {
      logListeners.add(listener);
      return () => void logListeners.delete(listener);
    },
    log: silentLogger,
  });
  return { events, state, logListeners };
}

test('who listens hears the state at once and then every second', () => {
  const { events } = startEvents();
  const heard: number[] = [];
  events.subscribe((name, value) => void (name === 'snapshot' && 'at' in value && heard.push(value.at)));
  expect(heard).toEqual([1]);
  vi.advanceTimersByTime(3_000);
  expect(heard).toEqual([1, 2, 3, 4]);
});

test('the state is built once a second for all listeners, and not at all for none', () => {
  const { events, state } = startEvents();
  vi.advanceTimersByTime(5_000);
  expect(state.built).toBe(0);
  const leave = [events.subscribe(() => undefined), events.subscribe(() => undefined)];
  expect(state.built).toBe(2);
  vi.advanceTimersByTime(3_000);
  expect(state.built).toBe(5);
  for (const go of leave) go();
  vi.advanceTimersByTime(5_000);
  expect(state.built).toBe(5);
  expect(vi.getTimerCount()).toBe(0);
});

test('the log is followed only while somebody listens', () => {
  const { events, logListeners } = startEvents();
  expect(logListeners.size).toBe(0);
  const heard: unknown[] = [];
  const leave = events.subscribe((name, value) => void (name === 'log' && heard.push(value)));
  const line: LogLine = { id: 1, at: 1, level: 'info', text: 'Redis is in use', detail: '{}' };
  for (const listener of logListeners) listener(line);
  expect(heard).toEqual([line]);
  leave();
  expect(logListeners.size).toBe(0);
});

test('progress reaches every listener', () => {
  const { events } = startEvents();
  const heard: unknown[] = [];
  const progress = { taskId: 't', done: 1, total: null, text: say('task.writing') };
  for (const who of ['first', 'second'])
    events.subscribe((name, value) => void (name === 'progress' && heard.push([who, value])));
  events.tellProgress(progress);
  expect(heard).toEqual([
    ['first', progress],
    ['second', progress],
  ]);
});

test('a state that cannot be built this second is built in the next', () => {
  const { events, state } = startEvents();
  const heard: string[] = [];
  events.subscribe((name) => heard.push(name));
  state.isBroken = true;
  vi.advanceTimersByTime(1_000);
  state.isBroken = false;
  vi.advanceTimersByTime(1_000);
  expect(heard).toEqual(['snapshot', 'snapshot']);
});
