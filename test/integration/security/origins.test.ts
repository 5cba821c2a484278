import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { get } from '../../support/http-client.ts';
import { startSiege, UNDISTURBED } from '../../support/siege.ts';

const MIB = 1024 * 1024;
const FOREVER_MS = 5;

/** What a hostile provider does with a connection once it has been asked something. */
type Attack = (socket: Socket) => void;

function head(headers: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Type: application/vnd.apple.mpegurl\r\n${headers}\r\n`;
}

/** Sends a piece over and over. */
function forever(start: string, piece: string | Buffer): Attack {
  return (socket) => {
    socket.write(start);
    const flood = setInterval(() => socket.writableNeedDrain || socket.write(piece), FOREVER_MS);
    socket.once('close', () => clearInterval(flood));
  };
}

function document(headers: string, body: string | Buffer): Attack {
  const bytes = Buffer.from(body);
  return (socket) => {
    socket.write(head(`${headers}Content-Length: ${bytes.length}\r\n`));
    socket.write(bytes);
  };
}

function bomb(coding: string, compress: (bytes: Buffer) => Buffer): Attack {
  const plain = Buffer.concat([Buffer.from('#EXTM3U\n'), Buffer.alloc(64 * MIB, '\n')]);
  return document(`Content-Encoding: ${coding}\r\n`, compress(plain));
}

function redirectTo(location: string): Attack {
  return (socket) => socket.write(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`);
}

/** As many lines as fit into a playlist, each a name of its own. */
function endlessNames(count: number): string {
  const names = Array.from({ length: count }, (_, index) => `#EXTINF:1,\n${index.toString(36)}\n`);
  return `#EXTM3U\n#EXT-X-TARGETDURATION:1\n${names.join('')}`;
}

/** Each on a port of its own, since the relay leaves a host alone that fails again and again. */
const ATTACKS: Record<string, { attack: Attack; refusal: RegExp }> = {
  'headers-without-end': {
    attack: forever('HTTP/1.1 200 OK\r\n', `X-A: ${'a'.repeat(4_000)}\r\n`),
    refusal: /^ORIGIN_/,
  },
  'body-without-end': {
    attack: forever(head('Transfer-Encoding: chunked\r\n'), `40000\r\n${'#EXTM3U\n'.repeat(0x8000)}\r\n`),
    refusal: /^BAD_PLAYLIST$/,
  },
  'early-hints-without-end': {
    attack: forever('', 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'),
    refusal: /^ORIGIN_/,
  },
  'shorter-than-said': {
    attack: (socket) => socket.end(`${head('Content-Length: 5000\r\n')}#EXTM3U\n`),
    refusal: /^ORIGIN_/,
  },
  'no-http': { attack: (socket) => socket.end('\x16\x03\x01\x02\0\x01\0 what is this\r\n\r\n'), refusal: /^ORIGIN_/ },
  'two-lengths': {
    attack: (socket) => socket.write(`${head('Content-Length: 8\r\nContent-Length: 9\r\n')}#EXTM3U\nx`),
    refusal: /^ORIGIN_/,
  },
  'names-without-end': { attack: document('', endlessNames(600_000)), refusal: /^BAD_PLAYLIST$/ },
  'gzip-bomb': { attack: bomb('gzip', (bytes) => gzipSync(bytes)), refusal: /^BAD_PLAYLIST$/ },
  'br-bomb': {
    attack: bomb('br', (bytes) => brotliCompressSync(bytes, { params: { 1: 1 } })),
    refusal: /^BAD_PLAYLIST$/,
  },
  'deflate-bomb': { attack: bomb('deflate', (bytes) => deflateSync(bytes)), refusal: /^BAD_PLAYLIST$/ },
  'nested-coding': {
    attack: document('Content-Encoding: gzip, gzip\r\n', gzipSync(gzipSync('#EXTM3U\n'))),
    refusal: /^ORIGIN_INCONSISTENT$/,
  },
  html: {
    attack: document('', `<!DOCTYPE html><!ENTITY a "${'&b;'.repeat(1_000)}">${'<div>'.repeat(200_000)}`),
    refusal: /^BAD_PLAYLIST$/,
  },
  'redirect-in-a-circle': { attack: redirectTo('/again'), refusal: /^ORIGIN_REDIRECTS$/ },
  'redirect-to-metadata': {
    attack: redirectTo('http://169.254.169.254/latest/meta-data/'),
    refusal: /^ORIGIN_ADDRESS$/,
  },
  'redirect-to-mapped-metadata': {
    attack: redirectTo('http://[::ffff:169.254.169.254]/'),
    refusal: /^ORIGIN_ADDRESS$/,
  },
  'redirect-to-a-file': { attack: redirectTo('file:///etc/passwd'), refusal: /^ORIGIN_REDIRECTS$/ },
};

/** What must not stop a channel from playing. */
const NUISANCES: Record<string, Attack> = {
  'cookies-without-end': document(
    Array.from({ length: 900 }, (_, index) => `Set-Cookie: c${index}=${'x'.repeat(40)}\r\n`).join(''),
    '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nx.ts\n',
  ),
  'a-day-of-names': document('', endlessNames(40_000)),
};

async function listen(attack: Attack): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => attack(socket));
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  const open = new Set<Socket>();
  server.once('close', () => undefined);
  server.on('stop', () => open.forEach((socket) => socket.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

test('whatever a provider answers, its own channel is all that fails', { timeout: 90_000 }, async () => {
  await using cleanup = new AsyncDisposableStack();
  const channels: Record<string, string> = {};
  const attacks = Object.entries(ATTACKS).map(([id, { attack }]): [string, Attack] => [id, attack]);
  for (const [id, attack] of [...attacks, ...Object.entries(NUISANCES)]) {
    const server = await listen(attack);
    cleanup.defer(() => {
      server.emit('stop');
      server.close();
    });
    channels[id] = `http://127.0.0.1:${(server.address() as AddressInfo).port}/user/pa55word/live.m3u8`;
  }
  const siege = cleanup.use(await startSiege({ channels }));
  const before = await siege.memoryMiB();

  const disturbance = await siege.during(async () => {
    await Promise.all(
      Object.entries(ATTACKS).map(async ([id, { refusal }]) => {
        const { status, text } = await get(siege.relay.channelUrl(`ch_${id}`));
        expect([id, status, text.trim().split('\n').at(-1)]).toEqual([
          id,
          expect.toSatisfy((code: number) => code === 502 || code === 504),
          expect.stringMatching(refusal),
        ]);
        expect(text).not.toMatch(/pa55word|127\.0\.0\.1|169\.254/);
      }),
    );
    for (const id of Object.keys(NUISANCES)) {
      const { status, text } = await get(siege.relay.channelUrl(`ch_${id}`));
      expect([id, status, text.slice(0, 7)]).toEqual([id, 200, '#EXTM3U']);
    }
  }, 10);

  expect(disturbance).toEqual(UNDISTURBED);
  expect((await siege.memoryMiB()) - before).toBeLessThan(600);
  expect(await siege.bugs()).toEqual([]);
});
