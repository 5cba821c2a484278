import { expect, test } from 'vitest';
import { parseRoute, routeHref } from '../../../renderer/use-route.ts';

test('the address of a view leads to that view', () => {
  expect(parseRoute(routeHref('devices'))).toEqual({ view: 'devices', detail: undefined });
  expect(parseRoute(routeHref('channels', 'ch_a/b c'))).toEqual({ view: 'channels', detail: 'ch_a/b c' });
});

test.for(['', '#', '#/', '#/nowhere', '#main'])('the address %j leads home', (hash) => {
  expect(parseRoute(hash).view).toBe('home');
});
