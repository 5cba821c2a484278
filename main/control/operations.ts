import type { CommandArguments, CommandName, CommandOutput } from '../../shared/contract.ts';
import type { Sentence } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';
import type { Handler, Handlers } from './dispatch.ts';
import { wordsForField } from './field-words.ts';

type Descriptions = {
  [Name in CommandName]?: (input: CommandArguments<Name>, output: CommandOutput<Name>) => Sentence | undefined;
};

/** What a command did, for the log of operations; those that change nothing are not in it. */
const DESCRIPTIONS: Descriptions = {
  'app.pause': ({ paused }) => say(paused ? 'did.pause' : 'did.resume'),

  'channels.add': (_, { name }) => say('did.add', { name }),
  'channels.save': ({ edit }, { name }) => say('did.change', { name, fields: fieldsOf(edit) }),
  'channels.saveMany': ({ edit }, { changed }) => say('did.changeMany', { count: changed, fields: fieldsOf(edit) }),
  'channels.remove': (_, { removed }) => say('did.remove', { count: removed }),
  'channels.move': (_, { moved }) => say('did.move', { count: moved }),
  'channels.sort': ({ by }) => say('did.sort', { by: say(`field.${by}`) }),
  'channels.renameGroup': ({ from, to }, { changed }) => say('did.renameGroup', { from, to, count: changed }),
  'channels.undo': (_, { what }) => (what === null ? undefined : say('did.undo', { what })),

  'lists.apply': (_, { added, changed, removed }) => say('did.import', { added, changed, removed }),
  'lists.refresh': (_, { added, changed, removed }) => say('did.refresh', { added, changed, removed }),
  'lists.save': ({ refreshHours: count }, { name }) =>
    count === 0 ? say('did.unschedule', { name }) : say('did.schedule', { name, count }),
  'lists.remove': (_, { removed }) => say('did.removeList', { count: removed }),

  'backup.restore': (_, { channels }) => say('did.restore', { count: channels }),
  'health.applyHeaders': (_, { name }) => say('did.takeHeaders', { name }),

  // Names only: the values may be passwords.
  'settings.save': ({ settings }) => say('did.settings', { fields: fieldsOf(settings) }),
  'cache.clear': () => say('did.clearCache'),
  'viewers.rename': ({ name }) => (name === '' ? say('did.unnameDevice') : say('did.nameDevice', { name })),
  'updates.download': (_, state) =>
    state.kind === 'downloading' ? say('did.downloadUpdate', { version: state.version }) : undefined,
  'updates.restart': (_, state) =>
    state.kind === 'ready' ? say('did.restartIntoUpdate', { version: state.version }) : undefined,
};

function fieldsOf(edit: object): (Sentence | string)[] {
  return Object.keys(edit).map(wordsForField);
}

/** The same handlers, that leave a note of what they changed. */
export function withNotes(handlers: Handlers, note: (who: string, what: Sentence) => void): Handlers {
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
  note: (who: string, what: Sentence) => void,
): Handler<CommandName> {
  // As in the dispatch: the compiler cannot see that what is found by one name belongs together.
  const describe = DESCRIPTIONS[name] as ((input: unknown, output: unknown) => Sentence | undefined) | undefined;
  if (describe === undefined) return handle;
  return async (input, caller) => {
    const output = await handle(input, caller);
    const what = describe(input, output);
    if (what !== undefined) note(caller.who, what);
    return output;
  };
}
