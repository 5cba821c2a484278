import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createCookies } from '../../../main/origin/cookies.ts';
import { fetchDocument } from '../../../main/origin/document.ts';
import { createOriginClient } from '../../../main/origin/origin-client.ts';

/** Fetches from an origin on loopback that sends this head, and then a piece every 20 ms, for ever or so often. */
async function fetchFrom(head: string, piece: string, pieces = Infinity) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n`);
      let left = pieces;
      const drip = setInterval(() => left-- > 0 && socket.write(piece), 20);
      socket.once('close', () => clearInterval(drip));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = createOriginClient({ connectionsPerHost: 2, now: Date.now });
  onTestFinished(async () => {
    await origin.close();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return fetchDocument(
    { origin, now: Date.now, random: () => 0.5, onHidden: () => undefined },
    {
      url: `http://127.0.0.1:${port}/live.m3u8`,
      identity: { headers: {}, cookies: createCookies(), reach: 'machine', onBytes: () => undefined },
      maxBytes: 1024 * 1024,
      attemptTimeoutMs: 400,
      patienceMs: 0,
    },
  );
}

test('a document that drips on and on is given up, although it never stops', async () => {
  await expect(fetchFrom('Content-Length: 1000000\r\n', '#')).rejects.toMatchObject({ code: 'ORIGIN_TIMEOUT' });
});

test('one that comes fast and has no end is given up at its limit', async () => {
  const piece = `40000\r\n${'#'.repeat(0x40000)}\r\n`;
  await expect(fetchFrom('Transfer-Encoding: chunked\r\n', piece)).rejects.toMatchObject({ code: 'ORIGIN_TOO_LARGE' });
});

test('one whose head never comes is given up, whatever it says meanwhile', async () => {
  const flood = fetchFrom('', 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n');
  await expect(flood.then(() => 'a document')).rejects.toMatchObject({ code: expect.stringMatching(/^ORIGIN_/) });
});

test.each(['constructor', 'toString', 'gzip, gzip', 'zstd'])(
  'a coding called %s decodes to nothing',
  async (coding) => {
    const head = `Content-Encoding: ${coding}\r\nContent-Length: 1\r\n`;
    await expect(fetchFrom(head, '#', 1)).rejects.toMatchObject({ code: 'ORIGIN_INCONSISTENT' });
  },
);
