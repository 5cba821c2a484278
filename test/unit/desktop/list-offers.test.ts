import { describe, expect, test, vi } from 'vitest';
import type { CommandArguments, ImportPlan } from '../../../shared/contract.ts';
import { ProxyError } from '../../../main/errors.ts';
import { PAGE_URL } from '../../../main/desktop/page.ts';
import { startTestDesktop } from '../../support/fake-electron/test-desktop.ts';
import { foreign } from '../../../shared/sentence.ts';

const FILE = { kind: 'file', path: '/tv/list.m3u' } as const;
const LINK = { kind: 'url', url: 'http://example.com/get.php?username=me&password=secret' } as const;

const PLAN: ImportPlan = {
  planId: 'plan-1',
  name: 'list.m3u',
  kind: 'file',
  before: null,
  counts: { added: 12, changed: 3, removed: 1, unchanged: 0, merged: 0 },
  groups: [],
  skipped: [],
  skippedCount: 0,
};
const REPORT = { added: 12, changed: 3, removed: 1, unchanged: 0, skippedCount: 0, durationMs: 5 };

/** A desktop app whose user answers questions as told, in order, and then closes all others. */
async function startOffers(answers: readonly number[], plan: ImportPlan | Error = PLAN) {
  const planned: CommandArguments<'lists.plan'>['origin'][] = [];
  const applied: Omit<CommandArguments<'lists.apply'>, 'taskId'>[] = [];
  const relay = await startTestDesktop({
    handlers: {
      'lists.plan'({ origin }) {
        planned.push(origin);
        if (plan instanceof Error) throw plan;
        return plan;
      },
      'lists.apply'({ planId, groups, refreshHours }) {
        applied.push({ planId, groups, refreshHours });
        return REPORT;
      },
    },
  });
  relay.fake.seen.answers.push(...answers);
  const questions = () => relay.fake.seen.asked.map(({ message }) => message);
  return { ...relay, planned, applied, questions };
}

describe('a file that was opened', () => {
  test('is imported when the user agrees to what it would change', async () => {
    await using offers = await startOffers([0]);
    offers.desktop.offer([FILE]);
    await vi.waitFor(() => expect(offers.fake.windows[0]?.webContents.url).toBe(`${PAGE_URL}#/channels`));
    expect(offers.planned).toEqual([FILE]);
    expect(offers.fake.seen.asked).toMatchObject([
      { message: 'Import the channels of list.m3u?', detail: '12 new, 3 changed, 1 no longer listed.' },
    ]);
    expect(offers.applied).toMatchObject([{ planId: 'plan-1', groups: null }]);
  });

  test('keeps to the groups that were chosen for it before', async () => {
    const before = { groups: ['News'], refreshHours: 6 };
    await using offers = await startOffers([0], { ...PLAN, before });
    offers.desktop.offer([FILE]);
    await vi.waitFor(() => expect(offers.applied).toEqual([{ planId: 'plan-1', ...before }]));
  });

  test('is left alone when the user does not', async () => {
    await using offers = await startOffers([1]);
    offers.desktop.offer([FILE]);
    await vi.waitFor(() => expect(offers.questions()).toHaveLength(1));
    expect(offers.applied).toEqual([]);
  });

  test('with nothing new is said to be known', async () => {
    const counts = { added: 0, changed: 0, removed: 0, unchanged: 7, merged: 0 };
    await using offers = await startOffers([0], { ...PLAN, counts });
    offers.desktop.offer([FILE]);
    await vi.waitFor(() => expect(offers.questions()).toEqual(['You have all channels of list.m3u already.']));
    expect(offers.applied).toEqual([]);
  });

  test('that cannot be read is said to be so, and why', async () => {
    await using offers = await startOffers([0], new ProxyError('BAD_LIST', foreign('This file holds no channels.')));
    offers.desktop.offer([FILE]);
    await vi.waitFor(() => expect(offers.questions()).toEqual(['The list could not be imported.']));
    expect(offers.fake.seen.asked).toMatchObject([{ detail: 'This file holds no channels.' }]);
  });
});

describe('a link that was followed', () => {
  test('is not even read before the user agrees; credentials in it are not shown', async () => {
    await using offers = await startOffers([1]);
    offers.desktop.offer([LINK]);
    await vi.waitFor(() => expect(offers.questions()).toHaveLength(1));
    expect(offers.questions()[0]).toMatch(/^Read the channel list at http:\/\/example\.com\/get\.php/);
    expect(offers.questions()[0]).not.toContain('secret');
    expect(offers.planned).toEqual([]);
  });

  test('is imported after two questions', async () => {
    await using offers = await startOffers([0, 0]);
    offers.desktop.offer([LINK]);
    await vi.waitFor(() => expect(offers.applied).toMatchObject([{ planId: 'plan-1' }]));
    expect(offers.planned).toEqual([LINK]);
    expect(offers.questions()).toHaveLength(2);
  });
});

test('several lists are asked about one after the other, in one window', async () => {
  await using offers = await startOffers([1, 0]);
  offers.desktop.offer([FILE, { kind: 'file', path: '/tv/other.m3u' }]);
  await vi.waitFor(() => expect(offers.applied).toHaveLength(1));
  expect(offers.questions()).toHaveLength(2);
  expect(offers.fake.windows).toHaveLength(1);
});

test('a window that is closed before it could ask means no', async () => {
  await using offers = await startOffers([0, 0]);
  offers.desktop.offer([LINK]);
  // Everything but what a window takes its time for.
  await new Promise((resolve) => process.nextTick(resolve));
  offers.fake.windows[0]?.close();
  await new Promise((resolve) => setImmediate(resolve));
  expect(offers.questions()).toEqual([]);
  expect(offers.planned).toEqual([]);
});
