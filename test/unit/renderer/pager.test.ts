import { expect, test, vi } from 'vitest';
import { createPager, type FetchPage } from '../../../renderer/pager.ts';

type Row = { id: number };

/** A list of numbers that remembers which of its pages were asked for. */
function createList(total: number): { fetchPage: FetchPage<Row>; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    fetchPage: ({ offset, limit }) => {
      asked.push(`${offset}+${limit}`);
      const length = Math.max(0, Math.min(limit, total - offset));
      return Promise.resolve({ total, rows: Array.from({ length }, (_, index) => ({ id: offset + index })) });
    },
  };
}

test('nothing is fetched before it is wanted, and then only the page in view', async () => {
  const { fetchPage, asked } = createList(100_000);
  const pager = createPager(fetchPage);
  expect(asked).toEqual([]);
  pager.refresh();
  await vi.waitFor(() => expect(pager.get().total).toBe(100_000));
  expect(asked).toEqual(['0+100']);
  expect(pager.get().rowAt(7)).toEqual({ id: 7 });
  expect(pager.get().rowAt(100)).toBeUndefined();
});

test('of rows that fly by, a page at a time is fetched, and always those where it comes to rest', async () => {
  const { fetchPage, asked } = createList(100_000);
  const pager = createPager(fetchPage);
  pager.refresh();
  await vi.waitFor(() => expect(pager.get().total).toBe(100_000));
  for (let first = 1000; first <= 50_090; first += 1090) pager.show(first, first + 20);
  pager.show(50_090, 50_110);
  await vi.waitFor(() => expect(pager.get().rowAt(50_100)).toEqual({ id: 50_100 }));
  expect(asked).toEqual(['0+100', '900+100', '1000+100', '50000+100', '50100+100']);
});

test('rows are there before they are scrolled to', async () => {
  const { fetchPage, asked } = createList(100_000);
  const pager = createPager(fetchPage);
  pager.refresh();
  await vi.waitFor(() => expect(pager.get().total).toBe(100_000));
  pager.show(20, 40);
  expect(asked).toEqual(['0+100']);
  pager.show(30, 50);
  await vi.waitFor(() => expect(pager.get().rowAt(100)).toEqual({ id: 100 }));
  expect(asked).toEqual(['0+100', '100+100']);
});

test('what is held stays bounded, however far one scrolls', async () => {
  const { fetchPage } = createList(100_000);
  const pager = createPager(fetchPage);
  pager.refresh();
  await vi.waitFor(() => expect(pager.get().total).toBe(100_000));
  for (let page = 1; page <= 50; page++) {
    pager.show(page * 100, page * 100 + 1);
    await vi.waitFor(() => expect(pager.get().rowAt(page * 100)).toBeDefined());
  }
  expect(pager.get().rowAt(0)).toBeUndefined();
  expect(pager.get().rowAt(5000)).toBeDefined();
});

test('a refresh keeps the rows on screen until their successors are there', async () => {
  let generation = 0;
  const pager = createPager<string>(() => Promise.resolve({ total: 1, rows: [`generation ${generation}`] }));
  pager.refresh();
  await vi.waitFor(() => expect(pager.get().rowAt(0)).toBe('generation 0'));
  generation = 1;
  pager.refresh();
  expect(pager.get().rowAt(0)).toBe('generation 0');
  await vi.waitFor(() => expect(pager.get().rowAt(0)).toBe('generation 1'));
});

test('an answer that comes after a newer question is dropped', async () => {
  const answers: ((row: string) => void)[] = [];
  const pager = createPager<string>(
    () => new Promise((resolve) => answers.push((row) => resolve({ total: 1, rows: [row] }))),
  );
  pager.refresh();
  pager.refresh();
  answers[1]?.('new');
  await vi.waitFor(() => expect(pager.get().rowAt(0)).toBe('new'));
  answers[0]?.('old');
  await Promise.resolve();
  expect(pager.get().rowAt(0)).toBe('new');
});

test('the rows of another list stay until the first page of the new one is there', async () => {
  const before = createPager(createList(3).fetchPage);
  before.refresh();
  await vi.waitFor(() => expect(before.get().total).toBe(3));
  const after = createPager(createList(1).fetchPage, before.get());
  expect(after.get().total).toBe(3);
  after.refresh();
  await vi.waitFor(() => expect(after.get().total).toBe(1));
});

test('a range is answered from what is known, and fetched in few large pages where it is not', async () => {
  const { fetchPage, asked } = createList(2500);
  const pager = createPager(fetchPage);
  pager.refresh();
  await vi.waitFor(() => expect(pager.get().total).toBe(2500));
  await expect(pager.range(3, 5)).resolves.toEqual([{ id: 3 }, { id: 4 }, { id: 5 }]);
  expect(asked).toHaveLength(1);
  await expect(pager.range(0, 2499)).resolves.toHaveLength(2500);
  expect(asked.slice(1)).toEqual(['0+1000', '1000+1000', '2000+500']);
});

test('a page that could not be fetched is asked for again at the next look', async () => {
  let isBroken = true;
  const pager = createPager<string>(() =>
    isBroken ? Promise.reject(new Error('offline')) : Promise.resolve({ total: 1, rows: ['here'] }),
  );
  pager.refresh();
  await Promise.resolve();
  isBroken = false;
  await vi.waitFor(() => {
    pager.refresh();
    expect(pager.get().rowAt(0)).toBe('here');
  });
});
