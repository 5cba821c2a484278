import { expect, test, vi } from 'vitest';
import { createPager } from '../../../renderer/pager.ts';
import { createRowMover } from '../../../renderer/row-mover.ts';

type Row = { id: string };

/** A list that is moved in and fetched again after a while, as over a network. */
async function createList(names: readonly string[]) {
  let kept = [...names];
  const moves: string[] = [];
  const pager = createPager<Row>(({ offset, limit }) =>
    Promise.resolve({ total: kept.length, rows: toRows(kept.slice(offset, offset + limit)) }),
  );
  pager.refresh();
  await vi.waitFor(() => expect(pager.get().total).toBe(names.length));
  const onMoved = vi.fn<(index: number) => void>();
  const mover = createRowMover<Row>({
    pager: () => pager,
    onMoved,
    move({ id: row }: Row, { id: before }: Row = { id: 'nothing' }) {
      moves.push(`${row} before ${before}`);
      setTimeout(() => {
        const others = kept.filter((name) => name !== row);
        const place = before === 'nothing' ? others.length : others.indexOf(before);
        kept = others.toSpliced(place, 0, row);
        pager.refresh();
      }, 20);
    },
  });
  const shown = () => names.map((_, index) => pager.get().rowAt(index)?.id);
  return { mover, moves, onMoved, shown };
}

const toRows = (names: readonly string[]) => names.map((id) => ({ id }));

test('keys that come before the first move shows move the same row on', async () => {
  const { mover, moves, onMoved, shown } = await createList(['a', 'b', 'c', 'd', 'e']);
  mover.step(0, 1);
  mover.step(1, 1);
  mover.step(2, 1);
  await vi.waitFor(() => expect(shown()).toEqual(['b', 'c', 'd', 'a', 'e']));
  expect(moves).toEqual(['a before c', 'a before e']);
  expect(onMoved.mock.calls).toEqual([[1], [3]]);
});

test('a row goes to either end, and no further', async () => {
  const { mover, moves, shown } = await createList(['a', 'b', 'c']);
  mover.step(1, 1);
  await vi.waitFor(() => expect(shown()).toEqual(['a', 'c', 'b']));
  mover.step(2, 1);
  mover.step(0, -1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(moves).toEqual(['b before nothing']);
});

test('a move that fails leaves the row to be moved again', { timeout: 10_000 }, async () => {
  const pager = createPager(() => Promise.resolve({ total: 2, rows: toRows(['a', 'b']) }));
  pager.refresh();
  await vi.waitFor(() => expect(pager.get().total).toBe(2));
  const move = vi.fn<() => void>();
  const mover = createRowMover<Row>({ pager: () => pager, move, onMoved: () => undefined });
  vi.useFakeTimers();
  mover.step(0, 1);
  await vi.advanceTimersByTimeAsync(5000);
  mover.step(0, 1);
  await vi.advanceTimersByTimeAsync(5000);
  vi.useRealTimers();
  expect(move).toHaveBeenCalledTimes(2);
});
