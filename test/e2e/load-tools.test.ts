import { expect, test } from 'vitest';
import { RawClient } from '../support/client.ts';
import { createSegmentLibrary, makeSegment, SegmentVerifier } from '../support/content.ts';
import { chunked, startFakeOrigin } from '../support/fake-origin.ts';
import { startOrigin } from '../support/origin.ts';
import { channelUrl } from '../support/origin-settings.ts';
import { runViewers } from '../support/viewers.ts';

/* A load that cannot see a fault proves nothing: these show that it does. */

const library = createSegmentLibrary({ maxBytes: 1e6 });
const segment = makeSegment({ channel: 7, variant: 0, sequence: 41, bytes: 188 * 10 });

const DAMAGES: [string, Buffer, string | null][] = [
  ['nothing about the right bytes', segment, null],
  ['a missing end', segment.subarray(0, -1), 'truncated'],
  ['a surplus end', Buffer.concat([segment, Buffer.from('x')]), 'too long'],
  ['one changed byte', Buffer.concat([segment.subarray(0, -1), Buffer.from('x')]), 'bytes differ'],
  ['a hole', Buffer.concat([segment.subarray(0, 400), segment.subarray(500)]), 'bytes differ'],
  ['an error page', Buffer.from('<html>'.repeat(100)), 'not a segment of this origin'],
  ['an empty body', Buffer.alloc(0), 'empty or cut within the first packet'],
  [
    'the segment after it',
    makeSegment({ channel: 7, variant: 0, sequence: 42, bytes: 188 * 10 }),
    'another segment than the one asked for',
  ],
  [
    "another channel's segment",
    makeSegment({ channel: 8, variant: 0, sequence: 41, bytes: 188 * 10 }),
    'another segment than the one asked for',
  ],
];

test.for(DAMAGES)('a simulated TV complains of %s', ([, body, complaint]) => {
  const verifier = new SegmentVerifier({ library, channel: 7, sequence: 41 });

  for (let offset = 0; offset < body.length; offset += 100) verifier.push(body.subarray(offset, offset + 100));

  expect(verifier.finish()).toBe(complaint);
});

test('a simulated TV reads a chunked body whatever the chunks are', async () => {
  const chunks = ['a', Buffer.alloc(70_000, 'b'), 'c\r\n0\r\n\r\n', 'd'];
  await using origin = await startFakeOrigin(chunked(chunks));
  using client = new RawClient();

  const first = await client.getText(`${origin.url}/first`);
  const second = await client.getText(`${origin.url}/second`);

  expect(first.text).toBe(chunks.join(''));
  expect(second.text).toBe(first.text);
});

test('simulated TVs report an origin that fails, cuts and refuses', async () => {
  const faults = { percent503: 20, percentReset: 20, percentPlaylist503: 20 };
  await using origin = await startOrigin({ segmentBytes: 100_000, ...faults });

  const report = await runViewers({
    playlistUrl: (channel) => channelUrl(origin.url, channel),
    ...{ viewers: 20, channels: 5, rampSeconds: 0.5, measureSeconds: 2 },
  });

  expect(Object.keys(report.causes)).toEqual(
    expect.arrayContaining(['segmentErrors: status 503', 'segmentErrors: ECONNRESET', 'playlistErrors: status 503']),
  );
});
