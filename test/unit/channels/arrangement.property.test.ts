import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changesBetween, takeBack } from '../../../main/channels/arrangement-changes.ts';
import { Arrangement } from '../../../main/channels/arrangement.ts';

type Step =
  | { kind: 'add'; group: string }
  | { kind: 'group'; at: number; group: string }
  | { kind: 'switch'; at: number; name: 'enabled' | 'favourite'; value: boolean }
  | { kind: 'remove'; at: number }
  | { kind: 'drop'; at: number }
  | { kind: 'reverse' };

const at = fc.nat({ max: 20 });
const group = fc.constantFrom('', 'News', 'Sport', 'Films');
const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({ kind: fc.constant('add'), group }),
    fc.record({ kind: fc.constant('group'), at, group }),
    fc.record({ kind: fc.constant('switch'), at, name: fc.constantFrom('enabled', 'favourite'), value: fc.boolean() }),
    fc.record({ kind: fc.constant('remove'), at }),
    fc.record({ kind: fc.constant('drop'), at }),
    fc.constant({ kind: 'reverse' }),
  ),
  { maxLength: 30 },
);

function apply(arrangement: Arrangement, step: Step): void {
  if (step.kind === 'add') return void arrangement.add(step.group);
  if (step.kind === 'reverse') return arrangement.arrange(arrangement.order.toReversed());
  const key = arrangement.order[step.at];
  if (key === undefined) return;
  switch (step.kind) {
    case 'group':
      return void arrangement.setGroups(Int32Array.of(key), step.group);
    case 'switch':
      return arrangement.set(step.name, key, step.value);
    case 'remove':
      return arrangement.remove(Int32Array.of(key));
    case 'drop':
      return arrangement.drop(key);
  }
}

function changed(arrangement: Arrangement, by: readonly Step[]): Arrangement {
  const draft = arrangement.draft();
  for (const step of by) apply(draft, step);
  return draft;
}

/** All that can be seen of it. */
function seen(arrangement: Arrangement) {
  return {
    channels: [...arrangement.order].map((key) => ({
      ...{ key, group: arrangement.groupOf(key), enabled: arrangement.is('enabled', key) },
      favourite: arrangement.is('favourite', key),
    })),
    removed: arrangement.removed(),
    groups: arrangement.groups().toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    enabledCount: arrangement.enabledCount,
  };
}

test('whatever an operation changed, taking it back gives what was there before, and nobody sees a draft', () => {
  fc.assert(
    fc.property(steps, steps, (first, second) => {
      const before = changed(Arrangement.empty(), first);
      const [seenBefore, after] = [seen(before), changed(before, second)];
      expect(seen(before)).toEqual(seenBefore);
      const draft = after.draft();
      takeBack(draft, changesBetween(before, after));
      expect(seen(draft)).toEqual(seenBefore);
    }),
  );
});

test('what changed once more since stays, and so does what is new', () => {
  const before = changed(Arrangement.empty(), [
    { kind: 'add', group: 'News' },
    { kind: 'add', group: 'News' },
    { kind: 'add', group: 'News' },
  ]);
  const after = changed(before, [
    { kind: 'group', at: 0, group: 'Mine' },
    { kind: 'group', at: 1, group: 'Mine' },
    { kind: 'reverse' },
  ]);
  const since = changed(after, [
    { kind: 'group', at: 2, group: 'Films' },
    { kind: 'drop', at: 0 },
    { kind: 'add', group: 'New' },
  ]);
  takeBack(since, changesBetween(before, after));
  expect(seen(since).channels.map((channel) => [channel.key, channel.group])).toEqual([
    [1, 'Films'],
    [2, 'News'],
    [4, 'New'],
  ]);
});

test('the key of a channel that is gone is given to no other', () => {
  const arrangement = Arrangement.empty();
  arrangement.drop(arrangement.add('News'));
  expect(arrangement.add('News')).toBe(2);
  expect(arrangement.draft().nextKey).toBe(3);
});

test('groups that no channel is in any more are forgotten when there is a new one', () => {
  const first = changed(Arrangement.empty(), [{ kind: 'add', group: 'Old' }]);
  const next = changed(changed(first, [{ kind: 'group', at: 0, group: 'New' }]), [{ kind: 'add', group: 'Newer' }]);
  expect(next.parts().titles).toEqual(['New', 'Newer']);
});
