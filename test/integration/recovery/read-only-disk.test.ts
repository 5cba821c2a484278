import { describe, expect, test } from 'vitest';
import { startFailingDisk } from '../../support/failing-disk.ts';
import { startHeadless } from '../../support/headless.ts';
import { createRelayClient } from '../../support/relay-client.ts';
import { needs } from '../../support/requirements.ts';
import { startSiege, UNDISTURBED } from '../../support/siege.ts';
import { startSmallDisk } from '../../support/small-disk.ts';

const READ_ONLY = /The disk is read-only/;

describe('when the disk is read-only', needs('mount'), () => {
  test('settings are refused in a sentence that says so, TVs play on, and all is as ever when it no longer is', async () => {
    await using disk = await startSmallDisk();
    await using siege = await startSiege({ dataFolder: disk.folder });
    const { ask } = createRelayClient(siege.relay);
    await ask('settings.save', { settings: { theme: 'dark' } });

    const disturbance = await siege.during(async () => {
      await disk.setReadOnly(true);
      await expect(ask('settings.save', { settings: { theme: 'light' } })).rejects.toThrow(READ_ONLY);
      await expect(ask('settings.save', { settings: { userAgent: 'other' } })).rejects.toThrow(READ_ONLY);
      expect((await ask('settings.get', {})).theme).toBe('dark');
    });
    expect(disturbance).toEqual(UNDISTURBED);

    const again = await siege.during(async () => {
      await disk.setReadOnly(false);
      await ask('settings.save', { settings: { theme: 'light', userAgent: 'other' } });
      await ask('channels.save', { id: 'ch_live', edit: { notes: 'after' } });
    });
    expect(again).toEqual(UNDISTURBED);
    expect(await siege.bugs()).toEqual([]);
    const operations = await ask('operations.query', { before: null, limit: 100 });

    expect(await siege.relay.stop()).toBe(0);
    await using restarted = await startHeadless({ dataFolder: disk.folder });
    const next = createRelayClient(restarted);
    expect((await next.ask('settings.get', {})).theme).toBe('light');
    expect((await next.ask('channels.get', { id: 'ch_live' })).notes).toBe('after');
    expect(await next.ask('operations.query', { before: null, limit: 100 })).toEqual(operations);
  });

  test('the relay does not start, says so in a sentence, and starts when it no longer is', async () => {
    await using disk = await startSmallDisk();
    const start = async (): Promise<void> => {
      const relay = await startHeadless({ dataFolder: disk.folder });
      await relay[Symbol.asyncDispose]();
    };
    await start();
    await disk.setReadOnly(true);
    await expect(start()).rejects.toThrow(/did not start:\nHearthcast cannot start\. The disk is read-only: [^\n]+\.$/);
    await disk.setReadOnly(false);
    await start();
  });
});

describe('when the disk fails in the middle of everything', needs('loop device'), () => {
  test('changes are refused in a sentence, TVs play on, and after its repair all is there that was confirmed', async () => {
    await using disk = await startFailingDisk();
    {
      await using siege = await startSiege({ dataFolder: disk.folder });
      const { ask } = createRelayClient(siege.relay);
      await ask('channels.save', { id: 'ch_live', edit: { notes: 'confirmed' } });
      const disturbance = await siege.during(async () => {
        await disk.fail();
        await expect(ask('channels.save', { id: 'ch_live', edit: { notes: 'refused' } })).rejects.toThrow(
          /disk failed/,
        );
        await expect(ask('channels.undo', {})).rejects.toThrow(/disk failed/);
        await expect(ask('settings.save', { settings: { theme: 'dark' } })).rejects.toThrow(READ_ONLY);
        expect((await ask('channels.get', { id: 'ch_live' })).notes).toBe('confirmed');
        expect((await ask('channels.query', { offset: 0, limit: 10 })).total).toBe(1);
      });
      expect(disturbance).toEqual(UNDISTURBED);
      expect(await siege.bugs()).toEqual([]);
      expect(await siege.relay.stop()).toBe(0);
    }
    await disk.repair();
    await using relay = await startHeadless({ dataFolder: disk.folder });
    const { ask } = createRelayClient(relay);
    expect((await ask('channels.get', { id: 'ch_live' })).notes).toBe('confirmed');
    await ask('channels.save', { id: 'ch_live', edit: { notes: 'after' } });
  });
});
