import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createRelayClient } from '../../support/relay-client.ts';
import { startSiege, UNDISTURBED } from '../../support/siege.ts';

/** Longer than a TV waits, and than the relay waits for a provider. */
const ASLEEP_MS = 16_000;
const SOME_SEGMENTS_BYTES = 400_000;
/** More than four TVs load in a second after they have missed a whole window. */
const PLAUSIBLE_BYTES = 10_000_000;

/* A process that is stopped has slept: for it, time has passed at once, and every answer is late. */
test.skipIf(process.platform === 'win32')(
  'a relay that has slept plays again by itself, and shows no figures that cannot be',
  { timeout: 150_000 },
  async () => {
    await using siege = await startSiege();
    const { ask } = createRelayClient(siege.relay);
    const sentBytes = async () => (await ask('app.snapshot', {})).traffic.totalBytes.toClients;
    expect(await siege.during(() => Promise.resolve())).toEqual(UNDISTURBED);

    await siege.during(
      async () => {
        const before = await sentBytes();
        siege.relay.kill('SIGSTOP');
        await sleep(ASLEEP_MS);
        siege.relay.kill('SIGCONT');
        // To the TVs that were playing when it fell asleep.
        await expect.poll(sentBytes, { timeout: 10_000 }).toBeGreaterThan(before + SOME_SEGMENTS_BYTES);
      },
      ASLEEP_MS / 1_000 + 8,
    );

    expect(await siege.during(() => Promise.resolve(), 4)).toEqual(UNDISTURBED);
    const { samples } = await ask('stats.history', { range: '10m', channelId: null });
    const flows = samples.flatMap(({ fromSource, toClients }) => [fromSource, toClients]);
    expect(Math.min(...flows)).toBe(0);
    expect(Math.max(...flows)).toBeGreaterThan(0);
    expect(Math.max(...flows)).toBeLessThan(PLAUSIBLE_BYTES);
    const { traffic, viewers, problems } = await ask('app.snapshot', {});
    for (const { fromSource, toClients } of [traffic.bytesPerSecond, traffic.bytesPerSecond10]) {
      expect(fromSource).toBeGreaterThanOrEqual(0);
      expect(toClients).toBeLessThan(PLAUSIBLE_BYTES);
    }
    expect(viewers.every(({ isActive }) => isActive)).toBe(true);
    expect(problems.map(({ code }) => code)).not.toContain('REDIS_UNUSABLE');
    expect(await siege.bugs()).toEqual([]);
  },
);
