import { parseChannelList } from '../../main/channels/channel-list.ts';
import type { Ask } from './relay-process.ts';
import { newest, type Operation, type Story } from './under-fire.ts';

/** What the channels are: those of a list in one of its generations, and what somebody edited. */
export type Channels = {
  generation: number;
  favourites: boolean;
  notes: ReadonlyMap<number, string>;
  /** The names of channels that were added by hand. */
  added: readonly string[];
};

/** In every generation of the list. */
const CORE = 800;
/** Undoing leads back only so far. */
const LONGEST_PAST = 10;

/** A list is imported over and over in new generations, and its channels are edited, many at a time and one by one. */
export const channelStory: Story<Channels> = {
  name: 'import',
  mostBefore: 3,

  async begin(ask) {
    const first = { generation: 0, favourites: false, notes: new Map<number, string>(), added: [] };
    await importGeneration(ask, 0);
    return first;
  },

  next(past, random) {
    const now = newest(past);
    const choice = random();
    const after = (next: Partial<Channels>) => [...past, { ...now, ...next }].slice(-LONGEST_PAST);
    const mark = String(random());
    if (choice < 0.4) {
      const generation = now.generation + 1;
      return operation('importing a list', (ask) => importGeneration(ask, generation), after({ generation }));
    }
    if (choice < 0.6) {
      const index = Math.floor(random() * CORE);
      return operation(
        'editing a channel',
        (ask) => ask('channels.save', { id: `ch_core${index}`, edit: { notes: mark } }),
        after({ notes: new Map([...now.notes, [index, mark]]) }),
      );
    }
    if (choice < 0.75) {
      const favourites = !now.favourites;
      const ids = Array.from({ length: CORE }, (_, index) => `ch_core${index}`);
      const edit = { favourite: favourites };
      return operation(
        'editing many channels',
        (ask) => ask('channels.saveMany', { selection: { kind: 'ids', ids }, edit }),
        after({ favourites }),
      );
    }
    if (choice < 0.85 && past.length > 1)
      return operation('undoing', (ask) => ask('channels.undo', {}), past.slice(0, -1));
    const name = `Hand ${mark}`;
    const source = { url: `http://hand.example/${mark}.m3u8`, headers: {} };
    return operation(
      'adding a channel',
      (ask) => ask('channels.add', { name, source }),
      after({ added: [...now.added, name] }),
    );
  },

  observe: observeChannels,
  linesOf,
};

function operation(kind: string, perform: Operation<Channels>['perform'], after: readonly Channels[]) {
  return { kind, perform, after };
}

export async function importGeneration(ask: Ask, generation: number): Promise<void> {
  const entries = namesOf(generation).map(
    (name) => `#EXTINF:-1 tvg-id="${idOf(name)}" group-title="All",${name}\n${addressOf(name, generation)}`,
  );
  const origin = { kind: 'text', name: 'Home', text: `#EXTM3U\n${entries.join('\n')}\n` } as const;
  const { planId } = await ask('lists.plan', { origin, taskId: 'plan' });
  await ask('lists.apply', { planId, taskId: 'apply' });
}

/** One line a channel: name, address, notes, favourite. */
export async function observeChannels(ask: Ask): Promise<string[]> {
  const { text } = await ask('lists.export', { urls: 'original' });
  const { entries } = await parseChannelList(Buffer.from(text));
  const addresses = new Map(entries.map(({ name, sources }) => [name, sources.map(({ url }) => url).join(' ')]));
  const lines: string[] = [];
  for (let offset = 0, total = 1; offset < total; offset += 1_000) {
    const page = await ask('channels.query', { offset, limit: 1_000 });
    ({ total } = page);
    for (const { name, notes, favourite } of page.rows) lines.push(lineOf(name, addresses.get(name), notes, favourite));
  }
  return lines.toSorted();
}

function linesOf({ generation, favourites, notes, added }: Channels): string[] {
  const listed = namesOf(generation).map((name, index) => {
    const isCore = index < CORE;
    const note = isCore ? (notes.get(index) ?? '') : '';
    return lineOf(name, addressOf(name, generation), note, isCore && favourites);
  });
  const byHand = added.map((name) => lineOf(name, `http://hand.example/${name.slice(5)}.m3u8`, '', false));
  return [...listed, ...byHand].toSorted();
}

/** Those that stay, and some that are there in this generation only. */
function namesOf(generation: number): string[] {
  return [
    ...Array.from({ length: CORE }, (_, index) => `Core ${index}`),
    ...Array.from({ length: 100 + (generation % 5) * 100 }, (_, index) => `Only ${generation} ${index}`),
  ];
}

function idOf(name: string): string {
  return name.toLowerCase().replaceAll(' ', '');
}

function addressOf(name: string, generation: number): string {
  return `http://panel.example/${generation}/${idOf(name)}.m3u8`;
}

export function lineOf(name: string, address: string | undefined, notes = '', favourite = false): string {
  return [name, address, notes, favourite].join(';');
}
