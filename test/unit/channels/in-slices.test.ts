import { expect, test } from 'vitest';
import { inSlices } from '../../../main/channels/in-slices.ts';

test('other work gets its turn before a long one is done', async () => {
  const order: string[] = [];
  setImmediate(() => order.push('other work'));
  await inSlices([1, 2, 3], (item) => {
    const endsAt = performance.now() + 10;
    while (performance.now() < endsAt);
    order.push(`item ${item}`);
  });
  expect(order).toEqual(['item 1', 'other work', 'item 2', 'item 3']);
});

test('an aborted run stops at its next turn and says why', async () => {
  const stopping = new AbortController();
  let done = 0;
  const run = inSlices(endless(), () => (done += 1), stopping.signal);
  stopping.abort(new Error('enough'));
  await expect(run).rejects.toThrow('enough');
  expect(done).toBeGreaterThan(0);
});

function* endless(): Generator<void> {
  for (;;) yield;
}
