import { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { encodeStored } from '../../../main/cache/stored-codec.ts';
import { body, playlist, startFakeOrigin } from '../../support/fake-origin.ts';
import { fingerprintOf, get } from '../../support/http-client.ts';
import { startRedisServer } from '../../support/redis-server.ts';
import { needs } from '../../support/requirements.ts';
import { mediaPlaylist, sampleSegment } from '../../support/small-stream.ts';
import { startTestApp } from '../../support/test-app.ts';

const NAMES = ['honest', 'list', 'other', 'huge', 'split', 'garbage', 'hash'] as const;

test(
  'what another client of the Redis forges is never served, and no reason to leave it',
  needs('redis-server'),
  async () => {
    await using server = await startRedisServer();
    const forger = new Redis(server.url);
    onTestFinished(() => forger.disconnect());
    // In its way from the start: a list where the relays' common key is to be, and text where a hash is written each second.
    await forger.rpush('hearthcast:sealing-key', 'no key');
    await forger.set('proxy:bandwidth_stats', 'no hash');

    const segments = new Map(NAMES.map((name, index) => [name, sampleSegment(index)]));
    await using origin = await startFakeOrigin({
      '/live.m3u8': playlist(mediaPlaylist(NAMES.map((name) => `${name}.ts`))),
      ...Object.fromEntries([...segments].map(([name, bytes]) => [`/${name}.ts`, body(bytes)])),
    });
    const channels = { one: `${origin.url}/live.m3u8` };
    await using relay = await startTestApp({ channels, settings: { redisUrl: server.url, prefetch: false } });
    const links = await relay.links('ch_one');
    const keyOf = (name: string): string => `hearthcast:response:ch_one 127.0.0.1:${origin.port}/${name}.ts`;

    expect((await get(links[0] ?? '')).status).toBe(200);
    await expect.poll(() => forger.exists(keyOf('honest')), { timeout: 10_000 }).toBe(1);
    const head = { contentType: 'video/mp2t', contentEncoding: undefined, etag: undefined, range: undefined };
    const responseSplit = encodeStored(keyOf('split').replace('hearthcast:response:', ''), {
      head: { ...head, contentLength: 3 },
      body: Buffer.from('abcHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil'),
    });
    await forger.rpush(keyOf('list'), 'a', 'b');
    await forger.copy(keyOf('honest'), keyOf('other'));
    await forger.set(keyOf('huge'), Buffer.alloc(18 * 1024 * 1024, 1));
    await forger.set(keyOf('split'), responseSplit);
    await forger.set(keyOf('garbage'), Buffer.from('HCR2 and then nothing of ours'));
    await forger.hset(keyOf('hash'), 'a', 'b');
    await forger.rpush(keyOf('list').replace(':response:', ':loading:'), 'no lock');

    const answers = await Promise.all(links.map((link) => get(link)));
    expect(answers.map(({ fingerprint }) => fingerprint)).toEqual([...segments.values()].map(fingerprintOf));

    await sleep(1_500); // in which the bandwidth is written once more
    // A busy machine may be late for other reasons, and then it comes back.
    await expect.poll(() => relay.app.state().cache.store, { timeout: 15_000 }).toBe('redis');
    expect(relay.log.filter(({ msg }) => msg.includes('WRONGTYPE'))).toEqual([]);
  },
);
