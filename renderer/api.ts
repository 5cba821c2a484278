import {
  commands,
  events,
  type CommandInput,
  type CommandName,
  type CommandOutput,
  type EventName,
  type EventValue,
  type Failure,
  type Reply,
} from '../shared/contract.ts';
import type { Sentence } from '../shared/sentence.ts';
import { say } from '../shared/sentences.ts';
import { createReadable, type Readable } from './readable.ts';

/** What Electron's preload script offers the page: messages, and nothing that knows the contract. */
export type Bridge = {
  call: (command: string, input: unknown) => Promise<unknown>;
  /** Tells every event until the function it returns is called. */
  subscribe: (listener: (event: string, value: unknown) => void) => () => void;
};

declare global {
  interface Window {
    readonly hearthcast?: Bridge;
  }
}

/** `refused`: the relay answers, but does not let this page in. */
export type Connection = 'connecting' | 'online' | 'offline' | 'refused';

/** The relay as the window sees it. */
export type Relay = {
  /** @throws RelayError when the relay says no or cannot be reached */
  call: <Name extends CommandName>(name: Name, input: CommandInput<Name>) => Promise<CommandOutput<Name>>;
  on: <Name extends EventName>(name: Name, listener: (value: EventValue<Name>) => void) => () => void;
  connection: Readable<Connection>;
  /** Rises with everything that changes channels or lists, so that who shows them asks again. */
  revision: Readable<number>;
  /** Whether the window runs inside the desktop app, on the machine of the relay. */
  isDesktop: boolean;
  /** The host under which this page reaches the relay's own port. */
  host: string;
  open: () => () => void;
};

/** A failure in words, for people. */
export class RelayError extends Error {
  override readonly name = 'RelayError';
  readonly code: string;
  readonly sentence: Sentence;
  readonly field: string | undefined;

  constructor({ code, sentence, field }: Failure) {
    super(sentence.text);
    this.code = code;
    this.sentence = sentence;
    this.field = field;
  }
}

type Transport = {
  call: (name: string, input: unknown) => Promise<unknown>;
  /** Delivers events and the state of the connection until the function it returns is called. */
  open: (onEvent: (name: string, value: unknown) => void, onConnection: (state: Connection) => void) => () => void;
};

const RECONNECT_MS = 1500;

const CHANGING_COMMANDS: ReadonlySet<CommandName> = new Set<CommandName>([
  'channels.add',
  'channels.save',
  'channels.saveMany',
  'channels.remove',
  'channels.move',
  'channels.sort',
  'channels.renameGroup',
  'channels.undo',
  'lists.apply',
  'lists.refresh',
  'lists.save',
  'lists.remove',
  'backup.restore',
  'health.check',
  'health.checkMany',
  'health.applyHeaders',
]);

/** The relay behind Electron's bridge where there is one, else behind the page's own server. */
export function createRelay({ hearthcast, location }: Pick<Window, 'hearthcast' | 'location'>): Relay {
  const transport = hearthcast === undefined ? createWebTransport() : createBridgeTransport(hearthcast);
  const connection = createReadable<Connection>('connecting');
  const revision = createReadable(0);
  const listeners = new Map<string, Set<(value: never) => void>>();

  const deliver = (name: string, value: unknown): void => {
    if (!Object.hasOwn(events, name)) return;
    const parsed = events[name as EventName].safeParse(value);
    if (!parsed.success) return console.error(`An event of another version: ${name}`, parsed.error);
    for (const listener of listeners.get(name) ?? []) listener(parsed.data as never);
  };

  return {
    connection,
    revision,
    isDesktop: hearthcast !== undefined,
    host: hearthcast === undefined ? location.hostname : '127.0.0.1',
    open: () => transport.open(deliver, connection.set),
    on(name, listener) {
      const known = listeners.get(name) ?? new Set();
      listeners.set(name, known.add(listener));
      return () => known.delete(listener);
    },
    async call(name, input) {
      const reply = (await transport.call(name, input)) as Reply<unknown>;
      if (!reply.ok) throw new RelayError(reply.error);
      if (CHANGING_COMMANDS.has(name)) revision.set(revision.get() + 1);
      return commands[name].output.parse(reply.value) as CommandOutput<typeof name>;
    },
  };
}

function createBridgeTransport(bridge: Bridge): Transport {
  return {
    call: bridge.call,
    open(onEvent, onConnection) {
      onConnection('online');
      return bridge.subscribe(onEvent);
    },
  };
}

function createWebTransport(): Transport {
  return {
    async call(name, input) {
      const response = await fetch(`api/${name}`, {
        method: 'POST',
        credentials: 'same-origin',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(input),
      }).catch(() => {
        throw new RelayError({ code: 'OFFLINE', sentence: say('window.offline') });
      });
      const isReply = response.headers.get('Content-Type')?.includes('json') === true;
      if (isReply) return response.json();
      const { status } = response;
      throw new RelayError({ code: `HTTP_${status}`, sentence: say('window.status', { status }) });
    },
    open(onEvent, onConnection) {
      let source: EventSource | undefined;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const connect = (): void => {
        source = new EventSource('api/events', { withCredentials: true });
        source.addEventListener('open', () => onConnection('online'));
        source.addEventListener('error', () => void onLost());
        for (const name of Object.keys(events)) {
          source.addEventListener(name, ({ data }: MessageEvent<string>) => onEvent(name, JSON.parse(data)));
        }
      };
      const onLost = async (): Promise<void> => {
        source?.close();
        clearTimeout(timer);
        timer = setTimeout(connect, RECONNECT_MS);
        onConnection((await isRefused()) ? 'refused' : 'offline');
      };
      connect();
      return () => {
        clearTimeout(timer);
        source?.close();
      };
    },
  };
}

/** An EventSource does not tell why it failed; a command does. */
async function isRefused(): Promise<boolean> {
  const response = await fetch('api/app.snapshot', {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'Content-Type': 'application/json' },
    body: '{}',
  }).catch(() => undefined);
  return response?.status === 401 || response?.status === 403;
}
