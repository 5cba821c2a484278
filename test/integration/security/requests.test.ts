import { expect, test } from 'vitest';
import { startFakeOrigin } from '../../support/fake-origin.ts';
import { exchangeRaw, get, statusesIn } from '../../support/http-client.ts';
import { startSiege, UNDISTURBED } from '../../support/siege.ts';

/** What an attacker wants answered, hidden behind or inside another request. */
const SMUGGLED = 'GET /proxy/ch_trap/stream.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n';
/** Comes after what is well-formed, so that the server hangs up. */
const LAST = 'GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

function withHeaders(headers: string, rest: string): string {
  return `GET /tv HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n${rest}`;
}

const chunked = (body: string): string => withHeaders('Transfer-Encoding: chunked', body);

test('no request is smuggled in another, whatever two readers could take for its end', async () => {
  const forms: Record<string, [request: string, statuses: string]> = {
    'Content-Length and Transfer-Encoding': [
      withHeaders('Content-Length: 5\r\nTransfer-Encoding: chunked', `0\r\n\r\n${SMUGGLED}`),
      '400',
    ],
    'Transfer-Encoding and Content-Length': [
      withHeaders(`Transfer-Encoding: chunked\r\nContent-Length: ${SMUGGLED.length + 5}`, `0\r\n\r\n${SMUGGLED}`),
      '400',
    ],
    'two lengths': [withHeaders(`Content-Length: 0\r\nContent-Length: ${SMUGGLED.length}`, SMUGGLED), '400'],
    'one length twice': [withHeaders('Content-Length: 0\r\nContent-Length: 0', SMUGGLED), '400'],
    'a list of lengths': [withHeaders('Content-Length: 0, 0', SMUGGLED), '400'],
    'a length with a sign': [withHeaders(`Content-Length: +${SMUGGLED.length}`, SMUGGLED), '400'],
    'a negative length': [withHeaders('Content-Length: -1', SMUGGLED), '400'],
    'a hexadecimal length': [withHeaders('Content-Length: 0x10', SMUGGLED), '400'],
    'a length beyond all numbers': [withHeaders(`Content-Length: ${'9'.repeat(30)}`, SMUGGLED), '400'],
    'an unknown coding': [withHeaders('Transfer-Encoding: xchunked', `0\r\n\r\n${SMUGGLED}`), '200 400'],
    'chunked, but not last': [withHeaders('Transfer-Encoding: chunked, identity', `0\r\n\r\n${SMUGGLED}`), '400'],
    'chunked twice': [
      withHeaders('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', `0\r\n\r\n${SMUGGLED}`),
      '400',
    ],
    'a blank before the colon': [withHeaders('Transfer-Encoding : chunked', `0\r\n\r\n${SMUGGLED}`), '400'],
    'a vertical tab': [withHeaders('Transfer-Encoding:\x0bchunked', `0\r\n\r\n${SMUGGLED}`), '400'],
    'a folded coding': [withHeaders('Transfer-Encoding:\r\n chunked', `0\r\n\r\n${SMUGGLED}`), '400'],
    'a folded header (obs-fold)': [withHeaders('X-A: 1\r\n folded', SMUGGLED), '400'],
    'bare line feeds': [`GET /tv HTTP/1.1\nHost: x\n\n${SMUGGLED}`, '400'],
    'one bare line feed': [`GET /tv HTTP/1.1\r\nHost: x\nX-A: 1\r\n\r\n${SMUGGLED}`, '400'],
    'a bare carriage return': [withHeaders('X-A: 1\rX-B: 2', SMUGGLED), '400'],
    'a NUL in a header': [withHeaders('X-A: a\0b', SMUGGLED), '400'],
    'a length in the trailer': [chunked(`0\r\nContent-Length: 50\r\n\r\n${SMUGGLED}`), '200 400'],
    'a chunk size in C': [chunked(`0x2\r\nhi\r\n0\r\n\r\n${SMUGGLED}`), '200 400'],
    'a negative chunk': [chunked(`-2\r\nhi\r\n0\r\n\r\n${SMUGGLED}`), '200 400'],
    'a chunk beyond all numbers': [chunked(`${'f'.repeat(17)}\r\nhi\r\n0\r\n\r\n${SMUGGLED}`), '200 400'],
    'a chunk longer than it says': [chunked(`1\r\nhi\r\n0\r\n\r\n${SMUGGLED}`), '200 400'],
    'chunks with bare line feeds': [chunked(`2\nhi\n0\n\n${SMUGGLED}`), '200 400'],
    'a chunk extension with a bare line feed': [chunked(`2;a\nhi\r\n0\r\n\r\n${SMUGGLED}`), '200 400'],
    'a chunk extension without end': [chunked(`2;${'a'.repeat(40_000)}\r\nhi\r\n0\r\n\r\n${LAST}`), '200 400'],
    'a chunk extension': [chunked(`2;a=b\r\nhi\r\n0\r\n\r\n${LAST}`), '200 200'],
    'a request as the body of another': [
      withHeaders(`Content-Length: ${SMUGGLED.length}`, `${SMUGGLED}${LAST}`),
      '200 200',
    ],
    'chunks in HTTP/1.0': [`GET /tv HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`, '400'],
    'HTTP/0.9': [`GET /tv\r\n\r\n${SMUGGLED}`, '400'],
    'the preface of HTTP/2': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '400'],
    'an upgrade to h2c': [
      withHeaders('Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA', SMUGGLED),
      '200',
    ],
    'a body that waits to be wanted': [
      withHeaders(`Expect: 100-continue\r\nContent-Length: ${SMUGGLED.length}`, `${SMUGGLED}${LAST}`),
      '100 200 200',
    ],
    'two targets': [`GET /tv /proxy/ch_trap/stream.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n`, '400'],
    'a target over two lines': [`GET /tv\n/x HTTP/1.1\r\nHost: x\r\n\r\n`, '400'],
    ...Object.fromEntries(
      ['POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'QUERY', 'PURGE'].map((method) => [
        `${method} with a request as its body`,
        [`${method} /tv HTTP/1.1\r\nHost: x\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}${LAST}`, '405'],
      ]),
    ),
  };
  await using trap = await startFakeOrigin({});
  await using siege = await startSiege({ channels: { trap: `${trap.url}/trap.m3u8` } });

  const disturbance = await siege.during(async () => {
    for (const [form, [request, statuses]] of Object.entries(forms)) {
      const answer = await exchangeRaw(siege.port, request);
      expect([form, statusesIn(answer)]).toEqual([form, statuses]);
    }
  });

  expect(trap.requests).toEqual([]);
  expect(disturbance).toEqual(UNDISTURBED);
  expect(await siege.bugs()).toEqual([]);
});

test('tricks with the path, the target and its length lead nowhere', async () => {
  const targets: Record<string, string> = {
    '/../../etc/passwd': '404',
    '/%2e%2e/%2e%2e/etc/passwd': '404',
    '/proxy/ch_trap/..%2fch_trap%2fstream.m3u8': '404',
    '/proxy/ch_trap/%2e%2e/ch_trap/stream.m3u8': '404',
    '/proxy/ch_trap/stream.m3u8%00': '404',
    '/proxy/ch_trap/stream.m3u8%0d%0aX-A:1': '404',
    '/proxy\\ch_trap\\stream.m3u8': '404',
    '/proxy/ch_trap//stream.m3u8': '404',
    '//proxy/ch_trap/stream.m3u8': '404',
    '//evil.example/tv': '404',
    '/\\evil.example/tv': '404',
    'http://evil.example/tv': '404',
    'http://127.0.0.1/proxy/ch_trap/stream.m3u8': '404',
    'evil.example:80': '400',
    'file:///etc/passwd': '404',
    '*': '404',
    '/proxy/ch_trap/stream.m3u8#x': '404',
    '/proxy/__proto__/stream.m3u8': '404',
    '/proxy/ch_constructor/stream.m3u8': '404',
    [`/proxy/ch_trap/${'a/'.repeat(7000)}stream.m3u8`]: '404',
    [`/proxy/ch_trap/x.ts?k=${'A'.repeat(15_000)}`]: '404',
    [`/${'a'.repeat(40_000)}`]: '431',
  };
  await using trap = await startFakeOrigin({});
  await using siege = await startSiege({ channels: { trap: `${trap.url}/trap.m3u8` } });

  const disturbance = await siege.during(async () => {
    for (const [target, status] of Object.entries(targets)) {
      const answer = await exchangeRaw(siege.port, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect([target.slice(0, 60), statusesIn(answer)]).toEqual([target.slice(0, 60), status]);
      expect(answer).not.toContain(trap.url);
    }
  });

  expect(trap.requests).toEqual([]);
  expect(disturbance).toEqual(UNDISTURBED);
  expect(await siege.bugs()).toEqual([]);
});

test('floods of headers, in number and in size, are refused at their 16 KiB', async () => {
  await using siege = await startSiege();
  const before = await siege.memoryMiB();

  const disturbance = await siege.during(async () => {
    const floods = [
      'X-A: 1\r\n'.repeat(50_000),
      Array.from({ length: 5_000 }, (_, index) => `X-${index}: ${index}\r\n`).join(''),
      `X-A: ${'x'.repeat(1_000_000)}\r\n`,
      `${'x'.repeat(1_000_000)}: 1\r\n`,
      `Cookie: ${'a=b; '.repeat(100_000)}\r\n`,
    ];
    for (let round = 0; round < 10; round += 1) {
      const answers = await Promise.all(
        floods.map((flood) =>
          exchangeRaw(siege.port, `GET /tv HTTP/1.1\r\nHost: x\r\n${flood}\r\n`).catch(() => 'hung up'),
        ),
      );
      // What comes after the refusal may break the connection before the refusal is read.
      for (const answer of answers) expect(answer).toMatch(/^(?:HTTP\/1\.1 431 |hung up$|$)/);
    }
    const many = `GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${'A: 1\r\n'.repeat(900)}\r\n`;
    expect(statusesIn(await exchangeRaw(siege.port, many))).toBe('200');
  });

  expect(disturbance).toEqual(UNDISTURBED);
  expect((await siege.memoryMiB()) - before).toBeLessThan(150);
});

test('a client that sends request upon request and takes no answer is hung up on', async () => {
  await using origin = await startFakeOrigin({ '/slow.m3u8': () => undefined });
  await using siege = await startSiege({ channels: { slow: `${origin.url}/slow.m3u8` } });

  const disturbance = await siege.during(async () => {
    const request = 'GET /proxy/ch_slow/stream.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n';
    expect(await exchangeRaw(siege.port, request.repeat(33)).catch(() => '')).toBe('');
  });

  expect(origin.requests.length).toBeLessThanOrEqual(1);
  expect(disturbance).toEqual(UNDISTURBED);
});

test('a Host that is forged comes back to nobody else, and one that is none is refused', async () => {
  await using siege = await startSiege();
  const disturbance = await siege.during(async () => {
    for (const host of ['evil.example', 'evil.example:8787', '[fd00::1]:8787', '192.168.1.5']) {
      const list = await get(`${siege.relay.relay}/tv`, { headers: { Host: host } });
      expect([list.status, list.headers.vary, list.headers['cache-control']]).toEqual([200, 'Host', 'no-cache']);
      expect(list.text).toContain(`http://${host}/proxy/ch_live/stream.m3u8`);
      expect((await get(`${siege.relay.relay}/tv`)).text).not.toContain(host);
    }
    const none = ['x y', 'x/../y', 'a@b', 'x"onload="', '<script>', 'x\\y', 'x?y', '[::1', 'a'.repeat(300), 'x:99999x'];
    for (const host of none) {
      for (const target of ['/tv', '/']) {
        const answer = await exchangeRaw(
          siege.port,
          `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
        );
        expect([host, statusesIn(answer)]).toEqual([host, '400']);
        expect(answer).not.toContain(host);
      }
    }
    const twice = await exchangeRaw(siege.port, 'GET /tv HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n');
    expect(statusesIn(twice)).toBe('400');
  });
  expect(disturbance).toEqual(UNDISTURBED);
});
