import { describe, expect, test } from 'vitest';
import { createTraffic } from '../../../main/stats/traffic.ts';

describe('traffic', () => {
  test('counts what comes from the providers per channel and in total', () => {
    const traffic = createTraffic();
    traffic.addFromSource('ch_a', 100);
    traffic.addFromSource('ch_b', 20);
    traffic.addFromSource('ch_a', 3);
    expect(traffic.snapshot()).toEqual({
      total: { fromSource: 123, toClients: 0 },
      channels: new Map([
        ['ch_a', { fromSource: 103, toClients: 0 }],
        ['ch_b', { fromSource: 20, toClients: 0 }],
      ]),
    });
  });

  test('counts what has reached the TVs by now, each byte once, while responses run and after', () => {
    const traffic = createTraffic();
    const sent = { first: 0, second: 0 };
    const endFirst = traffic.follow('ch_a', { sentBytes: () => sent.first });
    const endSecond = traffic.follow('ch_a', { sentBytes: () => sent.second });
    sent.first = 1000;
    sent.second = 10;
    expect(traffic.snapshot().total.toClients).toBe(1010);
    expect(traffic.snapshot().total.toClients).toBe(1010);
    sent.first = 1500;
    endFirst();
    sent.first = 9999;
    sent.second = 20;
    expect(traffic.snapshot().total.toClients).toBe(1520);
    endSecond();
    expect(traffic.snapshot()).toEqual({
      total: { fromSource: 0, toClients: 1520 },
      channels: new Map([['ch_a', { fromSource: 0, toClients: 1520 }]]),
    });
  });

  test('counts a response that ended between two snapshots', () => {
    const traffic = createTraffic();
    traffic.follow('ch_a', { sentBytes: () => 700 })();
    expect(traffic.snapshot().total.toClients).toBe(700);
  });

  test('keeps its sums when a channel is asked for again', () => {
    const traffic = createTraffic();
    traffic.follow('ch_a', { sentBytes: () => 5 })();
    traffic.addFromSource('ch_a', 1);
    traffic.follow('ch_a', { sentBytes: () => 6 })();
    expect(traffic.snapshot().channels.get('ch_a')).toEqual({ fromSource: 1, toClients: 11 });
  });

  test('hands out a snapshot that does not move', () => {
    const traffic = createTraffic();
    traffic.addFromSource('ch_a', 1);
    const before = traffic.snapshot();
    traffic.addFromSource('ch_a', 1);
    expect(before.total.fromSource).toBe(1);
    expect(before.channels.get('ch_a')?.fromSource).toBe(1);
  });
});

describe('rates', () => {
  const START = Date.UTC(2026, 10, 22, 12);

  /** Traffic in which `bytes` flow from the source of a channel in each second. */
  function secondsOf(bytes: readonly number[]) {
    const traffic = createTraffic();
    traffic.sample(START);
    for (const [index, count] of bytes.entries()) {
      if (count > 0) traffic.addFromSource('ch_a', count);
      traffic.sample(START + (index + 1) * 1000);
    }
    return traffic;
  }

  test('are over the last second and the last ten, in total and per channel', () => {
    const traffic = secondsOf([100, 100, 100, 100, 100, 100, 100, 100, 100, 600]);
    const figures = {
      totalBytes: { fromSource: 1500, toClients: 0 },
      bytesPerSecond: { fromSource: 600, toClients: 0 },
      bytesPerSecond10: { fromSource: 150, toClients: 0 },
    };
    expect(traffic.figures()).toEqual({ total: figures, channels: new Map([['ch_a', figures]]) });
    expect(traffic.figuresOf('ch_a')).toEqual(figures);
  });

  test('of something that has just begun are over the time there is', () => {
    const { total } = secondsOf([0, 0, 0, 500]).figures();
    expect(total.bytesPerSecond.fromSource).toBe(500);
    expect(total.bytesPerSecond10.fromSource).toBe(500);
  });

  test('are by the time that really passed', () => {
    const traffic = createTraffic();
    traffic.sample(START);
    traffic.addFromSource('ch_a', 900);
    traffic.sample(START + 3000);
    expect(traffic.figures().total.bytesPerSecond.fromSource).toBe(300);
  });

  test('are zero, and the channel is not named, when nothing has flowed for ten seconds; its bytes stay', () => {
    const still = Array.from({ length: 9 }, () => 0);
    expect(
      secondsOf([1000, ...still])
        .figures()
        .channels.has('ch_a'),
    ).toBe(true);
    const traffic = secondsOf([1000, ...still, 0, 0]);
    expect(traffic.figures().channels.size).toBe(0);
    expect(traffic.figuresOf('ch_a')).toEqual({
      totalBytes: { fromSource: 1000, toClients: 0 },
      bytesPerSecond: { fromSource: 0, toClients: 0 },
      bytesPerSecond10: { fromSource: 0, toClients: 0 },
    });
    expect(traffic.figuresOf('ch_unknown').totalBytes).toEqual({ fromSource: 0, toClients: 0 });
  });

  test('a sample says what flowed since the one before, through which channels, and nothing of the idle', () => {
    const traffic = secondsOf([10, 20]);
    traffic.follow('ch_b', { sentBytes: () => 5 })();
    expect(traffic.sample(START + 3000)).toEqual({
      total: { fromSource: 0, toClients: 5 },
      channels: new Map([['ch_b', { fromSource: 0, toClients: 5 }]]),
    });
  });
});

test('bytes are counted for the receiver too, while they are sent and after', () => {
  const traffic = createTraffic();
  const receiver = { totalBytes: 100 };
  let sent = 0;
  const end = traffic.follow('ch_a', { sentBytes: () => sent }, receiver);
  sent = 40;
  traffic.sample(1000);
  expect(receiver.totalBytes).toBe(140);
  sent = 50;
  end();
  expect(receiver.totalBytes).toBe(150);
});

test('of very many channels the longest idle are forgotten, and their bytes stay in the total', () => {
  const traffic = createTraffic();
  traffic.sample(0);
  for (let index = 0; index < 5_001; index += 1) traffic.addFromSource(`ch_${index}`, 1);
  for (let second = 1; second < 15; second += 1) {
    traffic.addFromSource('ch_busy', 1);
    traffic.sample(second * 1000);
  }
  const { total, channels } = traffic.snapshot();
  expect(total.fromSource).toBe(5_001 + 14);
  expect(channels.size).toBeLessThanOrEqual(5_000);
  expect(channels.has('ch_busy')).toBe(true);
});
