import { formatRange, parseRange, resolveRange } from '../../../main/byte-range.ts';
import { ProxyError } from '../../../main/errors.ts';
import { createCookies } from '../../../main/origin/cookies.ts';
import type {
  Fetch,
  Identity,
  OriginClient,
  OriginReceiver,
  OriginRequest,
} from '../../../main/origin/origin-client.ts';
import { foreign } from '../../../shared/sentence.ts';

/** What an origin says to one request, and how that ends. Without a head it ends before having said anything. */
export type Answer = {
  head: { status: number; headers: Record<string, string> } | undefined;
  body: Buffer;
  /** `reset`: the connection breaks. `stall`: nothing more comes, until the request's time-out notices. */
  ending: 'end' | 'reset' | 'stall';
  /** Time before that. */
  lingerMs?: number;
};

/** What an origin does with a request. */
export type Behaviour = (request: OriginRequest) => Answer;

/** Something an origin has. */
export type Resource = { bytes: Buffer; etag?: string; contentType?: string };

/** An origin in memory; everything it does takes a millisecond. */
export type ScriptedOrigin = OriginClient & {
  readonly requests: readonly OriginRequest[];
  /** Requests that were neither finished nor given up. */
  readonly openRequests: number;
};

const CHUNK_BYTES = 1000;

export const ANONYMOUS: Identity = { headers: {}, cookies: createCookies(), reach: 'public', onBytes() {} };

/** An origin that does what the script says, one behaviour a request, and the last one again and again. */
export function createScriptedOrigin(...script: readonly [Behaviour, ...Behaviour[]]): ScriptedOrigin {
  const requests: OriginRequest[] = [];
  const open = new Set<Fetch>();
  return {
    requests,
    get openRequests() {
      return open.size;
    },
    fetch(request, receiver) {
      const behave = script[requests.length] ?? script.at(-1) ?? script[0];
      requests.push(request);
      const fetch = play(behave(request), request, receiver, () => open.delete(fetch));
      open.add(fetch);
      return fetch;
    },
    close: () => Promise.resolve(),
  };
}

/** What an origin in good order answers to a range it has, or to none (RFC 9110 14.2, 13.1.5). */
export function serve(resource: Resource): Behaviour {
  return (request) => {
    const range = parseRange(request.headers['Range']);
    const condition = request.headers['If-Range'];
    if (range === undefined || (condition !== undefined && condition !== resource.etag)) return whole(resource);
    const part = resolveRange(range, resource.bytes.length);
    if (part === undefined) return status(416)(request);
    return partial(resource, part);
  };
}

/** What an origin answers that ignores ranges. */
export function serveWhole(resource: Resource): Behaviour {
  return () => whole(resource);
}

/** An error status, with headers if wanted. */
export function status(code: number, headers: Record<string, string> = {}): Behaviour {
  return () => ({ head: { status: code, headers }, body: Buffer.from('sorry'), ending: 'end' });
}

/** Nothing, and then what an answer may end with besides its end. */
export function silence(ending: 'reset' | 'stall'): Behaviour {
  return () => ({ head: undefined, body: Buffer.alloc(0), ending });
}

/** The same, but what is behind so many bytes of the body never comes. */
export function cut(behave: Behaviour, bytes: number, ending: Answer['ending']): Behaviour {
  return (request) => {
    const answer = behave(request);
    return bytes >= answer.body.length ? answer : { ...answer, body: answer.body.subarray(0, bytes), ending };
  };
}

/** The same with other headers; `undefined` takes one away. */
export function withHeaders(behave: Behaviour, headers: Readonly<Record<string, string | undefined>>): Behaviour {
  return (request) => {
    const answer = behave(request);
    if (answer.head === undefined) return answer;
    const merged = Object.entries({ ...answer.head.headers, ...headers });
    const kept = merged.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
    return { ...answer, head: { ...answer.head, headers: Object.fromEntries(kept) } };
  };
}

/** Part of a resource as a 206, whatever was asked for. */
export function partial(resource: Resource, { start, end }: { start: number; end: number }): Answer {
  const body = resource.bytes.subarray(start, end + 1);
  const range = { 'content-range': `bytes ${start}-${end}/${resource.bytes.length}` };
  return { head: { status: 206, headers: { ...headersOf(resource, body), ...range } }, body, ending: 'end' };
}

/** The ranges that were asked for, in order. */
export function rangesOf({ requests }: ScriptedOrigin): (string | undefined)[] {
  return requests.map(({ headers }) => headers['Range']);
}

/** Whether a `Range` header asks for everything from a byte on. */
export function rangeFrom(start: number): string {
  return formatRange({ start, end: undefined });
}

function whole(resource: Resource): Answer {
  return { head: { status: 200, headers: headersOf(resource, resource.bytes) }, body: resource.bytes, ending: 'end' };
}

function headersOf({ etag, contentType = 'video/mp2t' }: Resource, body: Buffer): Record<string, string> {
  return {
    'content-type': contentType,
    'content-length': String(body.length),
    ...(etag === undefined ? {} : { etag }),
  };
}

function play(answer: Answer, request: OriginRequest, receiver: OriginReceiver, onOver: () => void): Fetch {
  let isOver = false;
  let pausing: PromiseWithResolvers<void> | undefined;

  const end = (tell: () => void): void => {
    if (isOver) return;
    isOver = true;
    onOver();
    tell();
  };
  const run = async (): Promise<void> => {
    await pass(1);
    const { head } = answer;
    if (head !== undefined && !isOver) {
      receiver.onHead(
        { ...head, url: request.url },
        {
          pause: () => void (pausing ??= Promise.withResolvers()),
          resume: () => {
            pausing?.resolve();
            pausing = undefined;
          },
        },
      );
    }
    for (let position = 0; position < answer.body.length && !isOver; position += CHUNK_BYTES) {
      await pass(1);
      await pausing?.promise;
      if (!isOver) receiver.onData(answer.body.subarray(position, position + CHUNK_BYTES));
    }
    await pass(answer.lingerMs ?? 1);
    if (answer.ending === 'stall') await pass(head === undefined ? request.headTimeoutMs : request.progressTimeoutMs);
    end(() => (answer.ending === 'end' ? receiver.onEnd() : receiver.onError(errorOf(answer.ending))));
  };
  void run();
  return { abort: () => end(() => undefined) };
}

function errorOf(ending: 'reset' | 'stall'): ProxyError {
  return ending === 'reset'
    ? new ProxyError('ORIGIN_UNREACHABLE', foreign('the connection to the provider broke'))
    : new ProxyError('ORIGIN_TIMEOUT', foreign('the provider stopped in the middle of an answer'));
}

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
