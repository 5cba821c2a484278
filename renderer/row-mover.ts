import type { Pager } from './pager.ts';

/** Moves a row through a long list step by step, as keys are pressed. */
export type RowMover = {
  /** @param index where the row is */
  step: (index: number, step: 1 | -1) => void;
};

type Identified = { id: string };

type RowMoverDeps<Row extends Identified> = {
  pager: () => Pager<Row>;
  /** Moves a row before another one; undefined: to the end. */
  move: (row: Row, before: Row | undefined) => void;
  /** Where the row is from now on. */
  onMoved: (index: number) => void;
};

/** A move that fails changes no row: keys count again after this. */
const MOVE_TAKES_AT_MOST_MS = 2000;

/**
 * A move shows only once its list is fetched again, so keys that come sooner wait for it and become one move together: looked up
 * in the rows of before, they would move another row.
 */
export function createRowMover<Row extends Identified>({ pager, move, onMoved }: RowMoverDeps<Row>): RowMover {
  let steps = 0;
  let isMoving = false;

  async function moveOn(from: number): Promise<void> {
    isMoving = true;
    let index = from;
    while (steps !== 0) {
      const { total = 0, rowAt } = pager().get();
      const target = Math.max(0, Math.min(total - 1, index + steps));
      const row = rowAt(index);
      steps = 0;
      if (row === undefined || target === index) break;
      const beforeIndex = target > index ? target + 1 : target;
      const [before] = beforeIndex < total ? await pager().range(beforeIndex, beforeIndex) : [];
      move(row, before);
      onMoved(target);
      index = target;
      await untilThere(pager(), target, row);
    }
    steps = 0;
    isMoving = false;
  }

  return {
    step(index, step) {
      steps += step;
      if (!isMoving) void moveOn(index);
    },
  };
}

function untilThere<Row extends Identified>(
  { get, subscribe }: Pick<Pager<Row>, 'get' | 'subscribe'>,
  index: number,
  { id }: Row,
): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const stop = subscribe(() => get().rowAt(index)?.id === id && done());
    const timer = setTimeout(done, MOVE_TAKES_AT_MOST_MS);
  });
}
