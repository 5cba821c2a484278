import type { ServerResponse } from 'node:http';
import type { EventName, EventValue } from '../../shared/contract.ts';
import type { Events } from './events.ts';

/** The events as server-sent events. */
export type EventStream = {
  /** Tells everything from now on to a response whose head is not written yet, until either side ends it. */
  open(response: ServerResponse): void;
  stop(): void;
};

const RECONNECT_MS = 2_000;
const HEARTBEAT_MS = 15_000;
/** A reader that takes nothing for so many heartbeats is gone. */
const STUCK_HEARTBEATS = 4;
const MAX_WAITING = 100;

export function createEventStream({ events }: { events: Events }): EventStream {
  const open = new Set<ServerResponse>();
  const texts = new WeakMap<object, string>();

  /** Written out once for all readers. */
  function textOf(name: EventName, value: object): string {
    const known = texts.get(value);
    if (known !== undefined) return known;
    const text = `event: ${name}\ndata: ${JSON.stringify(value)}\n\n`;
    texts.set(value, text);
    return text;
  }

  return {
    open(response) {
      response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' });
      const reader = createReader(response);
      response.write(`retry: ${RECONNECT_MS}\n\n`);
      const unsubscribe = events.subscribe((name, value) =>
        reader.tell(placeOf(name, value), () => textOf(name, value)),
      );
      const beating = setInterval(() => reader.beat(), HEARTBEAT_MS).unref();
      open.add(response);
      response.once('close', () => {
        clearInterval(beating);
        unsubscribe();
        open.delete(response);
      });
    },
    stop() {
      for (const response of open) response.end();
    },
  };
}

/**
 * While a reader does not take what was sent, nothing more is sent to it: of each kind of event the newest waits, and lines of the
 * log, which can be asked for, are dropped. So a reader costs one snapshot of memory, however slow it is.
 */
function createReader(response: ServerResponse) {
  const waiting = new Map<string, () => string>();
  let isFull = false;
  let fullBeats = 0;

  response.on('drain', () => {
    isFull = false;
    fullBeats = 0;
    if (waiting.size === 0) return;
    const texts = [...waiting.values()].map((write) => write());
    waiting.clear();
    isFull = !response.write(texts.join(''));
  });

  return {
    /** @param place where it waits, in place of what waits there; undefined: nowhere */
    tell(place: string | undefined, write: () => string): void {
      if (!isFull) isFull = !response.write(write());
      else if (place !== undefined && (waiting.has(place) || waiting.size < MAX_WAITING)) waiting.set(place, write);
    },
    beat(): void {
      if (!isFull) {
        isFull = !response.write(':\n\n');
        return;
      }
      fullBeats += 1;
      if (fullBeats >= STUCK_HEARTBEATS) response.destroy();
    },
  };
}

function placeOf<Name extends EventName>(name: Name, value: EventValue<Name>): string | undefined {
  if (name === 'log') return undefined;
  return 'taskId' in value ? `progress ${value.taskId}` : name;
}
