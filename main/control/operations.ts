import type { CommandArguments, CommandName, CommandOutput } from '../../shared/contract.ts';
import type { Handler, Handlers } from './dispatch.ts';

type Sentences = {
  [Name in CommandName]?: (input: CommandArguments<Name>, output: CommandOutput<Name>) => string;
};

/** What a command did, for the log of operations; those that change nothing are not in it. */
const SENTENCES: Sentences = {
  'app.pause': ({ paused }) => (paused ? 'Paused the relay.' : 'Let the relay go on.'),

  'channels.add': (_, { name }) => `Added the channel ${name}.`,
  'channels.save': ({ edit }, { name }) => `Changed the channel ${name}: ${Object.keys(edit).join(', ')}.`,
  'channels.saveMany': ({ edit }, { changed }) => `Changed ${channels(changed)}: ${Object.keys(edit).join(', ')}.`,
  'channels.remove': (_, { removed }) => `Removed ${channels(removed)}.`,
  'channels.move': ({ ids }) => `Moved ${channels(ids.length)}.`,
  'channels.sort': ({ by }) => `Sorted the channels by ${by}.`,
  'channels.renameGroup': ({ from, to }, { changed }) => `Renamed the group ${from} to ${to} (${channels(changed)}).`,
  'channels.undo': (_, { what }) => (what === null ? '' : `Took back: ${what}`),

  'lists.apply': (_, { added, changed, removed }) =>
    `Imported a list: ${added} added, ${changed} changed, ${removed} removed.`,
  'lists.refresh': (_, { added, changed, removed }) =>
    `Refreshed a list: ${added} added, ${changed} changed, ${removed} removed.`,
  'lists.save': ({ refreshHours }, { name }) => `Set the list ${name} to be refreshed every ${refreshHours} hours.`,
  'lists.remove': (_, { removed }) => `Removed a list with ${channels(removed)}.`,

  'backup.restore': (_, { channels: count }) => `Restored a backup of ${channels(count)}.`,
  'health.applyHeaders': (_, { name }) => `Gave the channel ${name} the headers with which it plays.`,

  // Names only: the values may be passwords.
  'settings.save': ({ settings }) => `Changed the settings: ${Object.keys(settings).join(', ')}.`,
  'cache.clear': () => 'Cleared the cache.',
  'viewers.rename': ({ name }) => (name === '' ? 'Took a name from a device.' : `Named a device ${name}.`),
};

/** The same handlers, that leave a note of what they changed. */
export function withNotes(handlers: Handlers, note: (who: string, what: string) => void): Handlers {
  return Object.fromEntries(
    Object.entries(handlers).map(([name, handle]) => [
      name,
      withNote(name as CommandName, handle as Handler<CommandName>, note),
    ]),
  ) as Handlers;
}

function withNote(
  name: CommandName,
  handle: Handler<CommandName>,
  note: (who: string, what: string) => void,
): Handler<CommandName> {
  // As in the dispatch: the compiler cannot see that what is found by one name belongs together.
  const sentence = SENTENCES[name] as ((input: unknown, output: unknown) => string) | undefined;
  if (sentence === undefined) return handle;
  return async (input, caller) => {
    const output = await handle(input, caller);
    const what = sentence(input, output);
    if (what !== '') note(caller.who, what);
    return output;
  };
}

function channels(count: number): string {
  return count === 1 ? '1 channel' : `${count} channels`;
}
