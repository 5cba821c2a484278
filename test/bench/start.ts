import { median } from '../support/measure.ts';
import { startHeadless } from '../support/headless.ts';
import type { Measurement } from './measurement.ts';
import { untilQuiet } from './quiet.ts';
import { SERVER_CORE, type BenchOptions } from './setting.ts';

const MAX_START_MS = 1000;

/** From starting the headless entry with a new data folder to its accepting connections. */
export async function measureStart({ built, repeats }: BenchOptions): Promise<Measurement[]> {
  const startsMs: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    await untilQuiet();
    await using relay = await startHeadless({ built, core: SERVER_CORE });
    startsMs.push(relay.startMs);
  }
  const startMs = median(startsMs);
  return [
    {
      ...{ section: 'start', name: 'headless entry accepts connections after', unit: 'ms' },
      ...{ relay: startMs, reference: null, judged: startMs, bar: { atMost: MAX_START_MS }, details: { startsMs } },
    },
  ];
}
