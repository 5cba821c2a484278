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
