import { test } from 'vitest';
import { body, startFakeOrigin } from '../../support/fake-origin.ts';
import { get } from '../../support/http-client.ts';
import { startTestApp } from '../../support/test-app.ts';

const HOUR_MS = 3_600_000;

function playlist(sequence: number): string {
  return `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:${sequence}\n#EXTINF:1,\nseg${sequence}.ts\n`;
}

test.for([
  ['set forward by a day', 24 * HOUR_MS],
  ['set back by an hour', -HOUR_MS],
  ['set forward by a year', 365 * 24 * HOUR_MS],
  ['set back by a year', -365 * 24 * HOUR_MS],
] as const)('a channel that plays goes on, and stays fresh, when the clock is %s', async ([, jumpMs], { expect }) => {
  let sequence = 1;
  await using origin = await startFakeOrigin({
    '/live.m3u8': (request, response) => body(playlist(sequence))(request, response),
    '/seg1.ts': body(Buffer.alloc(188, 1)),
    '/seg2.ts': body(Buffer.alloc(188, 2)),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const [first = ''] = await relay.links('ch_one');
  expect((await get(first)).body[0]).toBe(1);

  relay.advanceClock(jumpMs);
  sequence = 2;
  const deadline = performance.now() + 10_000;
  let newest = first;
  while (!newest.includes('seg2') && performance.now() < deadline) [newest = ''] = await relay.links('ch_one');
  expect(newest).toContain('seg2');
  expect((await get(newest)).body[0]).toBe(2);
  expect((await get(first)).body[0]).toBe(1);
  expect(relay.app.state().viewers).toMatchObject([{ channelId: 'ch_one', isActive: true }]);
});
