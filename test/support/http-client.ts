import { hash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A complete answer; its bytes as they came, nothing decoded. */
export type Answer = {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  text: string;
  /** What `fingerprintOf` says of the body. */
  fingerprint: string;
};

export type Ask = {
  method?: string;
  headers?: OutgoingHttpHeaders;
  /** Keeps connections; without one, each request has its own and closes it. */
  agent?: Agent;
};

/** One request, no redirects. Rejects when the connection breaks before the answer is whole. */
export async function get(url: string, ask: Ask = {}): Promise<Answer> {
  return readAll(await open(url, ask));
}

/** One request, up to the head of its answer: the body waits until it is read. */
export async function open(url: string, { method = 'GET', headers = {}, agent }: Ask = {}): Promise<IncomingMessage> {
  const outgoing = request(url, { method, headers, agent: agent ?? new Agent() });
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return response;
}

/** The rest of an answer. */
export async function readAll(response: IncomingMessage): Promise<Answer> {
  const body = await buffer(response);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body,
    text: body.toString('utf8'),
    fingerprint: fingerprintOf(body),
  };
}

/** Stands for bytes in assertions: when they differ, a thousand lines would not say more. */
export function fingerprintOf(bytes: Buffer): string {
  return `${bytes.length} bytes, ${hash('sha256', bytes).slice(0, 16)}`;
}

/** Sends bytes as they are; resolves with all that comes back until the server closes the connection. */
export async function exchangeRaw(port: number, bytes: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.write(bytes, 'latin1');
  return (await buffer(socket)).toString('latin1');
}

/** The statuses of all answers that came back on one connection. */
export function statusesIn(answer: string): string {
  return Array.from(answer.matchAll(/HTTP\/1\.1 (\d{3})/g), ([, status]) => status).join(' ');
}
