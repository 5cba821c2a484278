/* Entry: what node:http can do at best, answering from Buffers. `node test/support/base-http.ts SEGMENT_FILE PLAYLIST_FILE` */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const [segmentFile, playlistFile] = process.argv.slice(2);
if (!segmentFile || !playlistFile) throw new Error('usage: base-http.ts SEGMENT_FILE PLAYLIST_FILE');
const segment = readFileSync(segmentFile);
const playlist = readFileSync(playlistFile);

const server = createServer((request, response) => {
  const isSegment = request.url?.endsWith('.ts');
  const body = isSegment ? segment : playlist;
  response.writeHead(200, {
    'Content-Type': isSegment ? 'video/mp2t' : 'application/vnd.apple.mpegurl',
    'Content-Length': body.length,
  });
  response.end(body);
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ event: 'listening', url: `http://127.0.0.1:${port}` })}\n`);
});
