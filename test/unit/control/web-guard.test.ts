import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createWebGuard } from '../../../main/control/web-guard.ts';
import { silentLogger } from '../../../main/log.ts';

const TOKEN = 'the-token';

function startGuard(host = '0.0.0.0') {
  const clock = { now: 0 };
  const guard = createWebGuard({ host, port: () => 8788, token: TOKEN, log: silentLogger, steady: () => clock.now });
  return { guard, clock };
}

/** A request as far as the guard looks at it. */
function request(
  headers: Record<string, string>,
  { method = 'GET', url = '/', localAddress = '127.0.0.1', remoteAddress = '127.0.0.1' } = {},
): IncomingMessage {
  return { method, url, headers, socket: { localAddress, remoteAddress } } as unknown as IncomingMessage;
}

describe('on all interfaces', () => {
  test('the address that a request came in on is a name of ours, another is not', () => {
    const { guard } = startGuard();
    const at = { localAddress: '192.168.1.5' };
    expect(guard.refusesOrigin(request({ host: '192.168.1.5:8788' }, at))).toBeUndefined();
    expect(guard.refusesOrigin(request({ host: '192.168.1.6:8788' }, at))).toMatchObject({ status: 403 });
    expect(guard.refusesOrigin(request({ host: 'nas.example' }, at))).toMatchObject({ status: 403 });
  });

  test('an IPv4 client of a socket for both families is recognised, and an IPv6 one', () => {
    const { guard } = startGuard('::');
    const mapped = { localAddress: '::ffff:192.168.1.5' };
    expect(guard.refusesOrigin(request({ host: '192.168.1.5' }, mapped))).toBeUndefined();
    expect(guard.refusesOrigin(request({ host: '[fd00::5]:8788' }, { localAddress: 'fd00::5' }))).toBeUndefined();
  });
});

test('a name that the control port was told to listen on is ours, however it is written', () => {
  const { guard } = startGuard('nas.home');
  expect(guard.refusesOrigin(request({ host: 'NAS.home:8788' }))).toBeUndefined();
});

test('a link from another site may lead to the window, and to nothing that answers with more than it', () => {
  const { guard } = startGuard();
  const headers = { host: 'localhost', 'sec-fetch-site': 'cross-site' };
  expect(guard.refusesOrigin(request(headers))).toBeUndefined();
  expect(guard.refusesOrigin(request(headers, { url: '/api/events' }))).toMatchObject({ status: 403 });
  expect(guard.refusesOrigin(request(headers, { method: 'POST' }))).toMatchObject({ status: 403 });
});

test('wrong tokens of one address do not count for another, and are forgotten after a minute', () => {
  const { guard, clock } = startGuard();
  const wrong = { authorization: 'Bearer wrong' };
  const from = (remoteAddress: string) => guard.refusesToken(request(wrong, { remoteAddress }))?.status;
  for (let attempt = 0; attempt < 10; attempt += 1) expect(from('10.0.0.1')).toBe(401);
  expect(from('10.0.0.1')).toBe(429);
  expect(from('10.0.0.2')).toBe(401);
  clock.now = 60_000;
  expect(from('10.0.0.1')).toBe(401);
});

test('no token at all is no attempt', () => {
  const { guard } = startGuard();
  for (let visit = 0; visit < 50; visit += 1) expect(guard.refusesToken(request({}))?.status).toBe(401);
  expect(guard.refusesToken(request({ authorization: 'Bearer wrong' }))?.status).toBe(401);
});

test('the right token lets in while others are kept waiting', () => {
  const { guard } = startGuard();
  for (let attempt = 0; attempt < 100; attempt += 1) guard.refusesToken(request({ authorization: 'Bearer wrong' }));
  expect(guard.refusesToken(request({ authorization: `Bearer ${TOKEN}` }))).toBeUndefined();
  expect(guard.refusesToken(request({ cookie: `hearthcast-8788=${TOKEN}` }))).toBeUndefined();
  expect(guard.refusesToken(request({}), TOKEN)).toBeUndefined();
});
