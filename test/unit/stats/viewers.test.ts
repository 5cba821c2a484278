import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../../main/log.ts';
import type { StatsDatabase } from '../../../main/stats/database.ts';
import { createDeviceStore } from '../../../main/stats/device-store.ts';
import { createViewers } from '../../../main/stats/viewers.ts';
import { openDatabase, statsFolder } from './stats-folder.ts';

const START = Date.UTC(2026, 10, 22, 12);
const NO_DATABASE: StatsDatabase = { name: 'none', connection: undefined };
const ALL = { offset: 0, limit: 1000 };

const TV = { address: '192.168.1.30', userAgent: 'VLC/3.0.21 LibVLC/3.0.21', channelId: 'ch_news' };
const PHONE = { address: '192.168.1.31', userAgent: 'TiviMate/4.7.0', channelId: 'ch_sport' };

function arrange(database: StatsDatabase = NO_DATABASE) {
  const clock = { at: START, setBackMs: 0 };
  const viewers = createViewers({
    devices: createDeviceStore({ database, log: silentLogger }),
    channelName: (id) => (id === 'ch_news' ? 'News' : id),
    now: () => clock.at - clock.setBackMs,
    steady: () => clock.at,
    uptime: () => clock.at,
  });
  return { viewers, clock };
}

describe('a device that asks for a channel', () => {
  test('watches it, by name', () => {
    const { viewers } = arrange();
    viewers.saw(TV);
    expect(viewers.active()).toEqual([
      {
        ...TV,
        id: expect.stringMatching(/^[0-9a-f]{16}$/),
        device: 'VLC',
        channelName: 'News',
        since: START,
        lastSeen: START,
        isActive: true,
        bytesPerSecond: 0,
        totalBytes: 0,
        stalls: 0,
      },
    ]);
  });

  test('is one however often it asks, and another with another player or address', () => {
    const { viewers, clock } = arrange();
    viewers.saw(TV);
    clock.at += 5000;
    viewers.saw(TV);
    viewers.saw({ ...TV, address: '::ffff:192.168.1.30' });
    expect(viewers.active()).toMatchObject([{ since: START, lastSeen: START + 5000, address: '192.168.1.30' }]);
    viewers.saw({ ...TV, userAgent: 'Kodi/20' });
    viewers.saw(PHONE);
    expect(viewers.active()).toHaveLength(3);
  });

  test('has the same id on every run, which tells another device nothing', () => {
    const [first, second] = [arrange().viewers, arrange().viewers];
    first.saw(TV);
    second.saw({ ...TV, channelId: 'ch_other' });
    expect(second.active()[0]?.id).toBe(first.active()[0]?.id);
  });

  test('has zapped when it asks for another channel', () => {
    const { viewers, clock } = arrange();
    viewers.saw(TV);
    clock.at += 9000;
    viewers.saw({ ...TV, channelId: 'ch_sport' });
    expect(viewers.active()).toMatchObject([{ channelId: 'ch_sport', since: START + 9000 }]);
  });

  test('has left when it has not asked for a while, and is remembered', () => {
    const { viewers, clock } = arrange();
    viewers.saw(TV);
    clock.at += 20_000;
    expect(viewers.active()).toEqual([]);
    viewers.sweep();
    expect(viewers.query(ALL)).toMatchObject({ total: 1, rows: [{ isActive: false, channelId: 'ch_news' }] });
    viewers.saw(TV);
    expect(viewers.active()).toMatchObject([{ since: START + 20_000 }]);
    expect(viewers.query(ALL).total).toBe(1);
  });
});

test('a device that leaves after the clock was set back is gone as soon as any other', () => {
  const { viewers, clock } = arrange();
  viewers.saw(TV);
  clock.setBackMs = 3_600_000;
  clock.at += 10_000;
  expect(viewers.active()).toHaveLength(1);
  clock.at += 10_000;
  expect(viewers.active()).toEqual([]);
  viewers.sweep();
  expect(viewers.query(ALL).rows).toMatchObject([{ isActive: false }]);
});

describe('what a device was sent', () => {
  test('is counted for it, and how fast', () => {
    const { viewers, clock } = arrange();
    const receiver = viewers.saw(TV);
    for (let second = 1; second <= 10; second += 1) {
      clock.at += 1000;
      receiver.totalBytes += 500;
      viewers.saw(TV);
      viewers.sample();
    }
    expect(viewers.active()).toMatchObject([{ totalBytes: 5000, bytesPerSecond: 500 }]);
  });

  test('is counted while it leaves and after', () => {
    const { viewers, clock } = arrange();
    const receiver = viewers.saw(TV);
    clock.at += 30_000;
    viewers.sweep();
    receiver.totalBytes += 700;
    expect(viewers.query(ALL).rows).toMatchObject([{ totalBytes: 700, bytesPerSecond: 0 }]);
    viewers.saw(TV).totalBytes += 1;
    expect(viewers.active()).toMatchObject([{ totalBytes: 701 }]);
  });

  test('is a stall when a segment takes clearly longer than it plays', () => {
    const { viewers, clock } = arrange();
    const device = viewers.saw(TV);
    const inTime = viewers.sending(device, 6);
    const late = viewers.sending(device, 2);
    clock.at += 5000;
    inTime();
    late();
    expect(viewers.active()).toMatchObject([{ stalls: 1 }]);
  });
});

test('those who watch besides a viewer are the others that are still there', () => {
  const { viewers, clock } = arrange();
  viewers.saw(PHONE);
  clock.at += 15_000;
  viewers.saw(TV);
  expect(viewers.watchedBesides({ ...TV, channelId: 'ch_next' })).toEqual(new Set(['ch_sport']));
  expect(viewers.watchedBesides({ ...TV, address: '192.168.1.99' })).toEqual(new Set(['ch_sport', 'ch_news']));
  clock.at += 10_000;
  expect(viewers.watchedBesides({ ...TV, address: '192.168.1.99' })).toEqual(new Set(['ch_news']));
});

describe('the list of devices', () => {
  test('has those seen last first, in pages', () => {
    const { viewers, clock } = arrange();
    for (let index = 0; index < 5; index += 1) {
      viewers.saw({ ...TV, address: `192.168.1.${index}` });
      clock.at += 15_000;
      viewers.sweep();
    }
    const { total, rows } = viewers.query({ offset: 1, limit: 2 });
    expect(total).toBe(5);
    expect(rows.map(({ address }) => address)).toEqual(['192.168.1.3', '192.168.1.2']);
  });

  test('is there again after a restart, with the names that the user gave', async () => {
    await using folder = await statsFolder();
    await using first = await openDatabase(folder.file);
    const before = arrange(first);
    before.viewers.saw(TV).totalBytes += 9000;
    before.viewers.saw(PHONE);
    const id = before.viewers.active().find(({ address }) => address === TV.address)?.id ?? '';
    expect(before.viewers.rename(id, 'Living room')).toBe(true);
    expect(before.viewers.rename('no such device', 'x')).toBe(false);
    await before.viewers.stop?.();
    await first.stop?.();

    await using second = await openDatabase(folder.file);
    const after = arrange(second);
    await after.viewers.start?.();
    after.clock.at += 60_000;
    expect(after.viewers.active()).toEqual([]);
    const rows = after.viewers.query(ALL).rows.toSorted((a, b) => a.address.localeCompare(b.address));
    expect(rows).toMatchObject([
      { id, device: 'Living room', totalBytes: 9000, isActive: false },
      { device: 'TiviMate' },
    ]);
    after.viewers.saw(TV);
    expect(after.viewers.active()).toMatchObject([{ id, device: 'Living room', totalBytes: 9000 }]);
    expect(after.viewers.query(ALL).total).toBe(2);
    after.viewers.rename(id, '');
    expect(after.viewers.active()).toMatchObject([{ device: 'VLC' }]);
  });

  test('is bounded, and forgets the longest unseen first but none that has a name', async () => {
    await using database = await openDatabase();
    const { viewers, clock } = arrange(database);
    const named = viewers.saw(TV).id;
    viewers.rename(named, 'Kitchen');
    for (let index = 0; index < 1500; index += 1) viewers.saw({ ...PHONE, userAgent: `flood ${index}` });
    clock.at += 60_000;
    viewers.sweep();
    const { total, rows } = viewers.query(ALL);
    expect(total).toBe(1000);
    expect(rows.some(({ device }) => device === 'Kitchen')).toBe(true);
    expect(rows.some(({ userAgent }) => userAgent === 'flood 1499')).toBe(true);
    expect(rows.some(({ userAgent }) => userAgent === 'flood 0')).toBe(false);
    await viewers.stop?.();
    expect(database.connection?.prepare('SELECT count(*) AS count FROM devices').get()).toEqual({ count: 1000 });
  });
});
