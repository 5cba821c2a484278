import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Failure } from '../../shared/contract.ts';

/** An answer of the control port to a request that it does not serve. */
export type Refusal = { status: number; failure: Failure; headers?: Record<string, string> };

/** Programs get a `Reply`, people get the sentence. */
export function sendRefusal(
  request: IncomingMessage,
  response: ServerResponse,
  { status, failure, headers }: Refusal,
): void {
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  if (request.url?.startsWith('/api/')) return sendJson(response, status, { ok: false, error: failure });
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${failure.sentence}\n${failure.code}\n`);
}

/** Answers with a JSON document. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

export const NO_TOKEN: Refusal = {
  status: 401,
  failure: {
    code: 'NO_TOKEN',
    sentence: 'Open the address that the relay printed when it started: it ends in a token.',
  },
  headers: { 'WWW-Authenticate': 'Bearer' },
};

export const WRONG_TOKEN: Refusal = {
  status: 401,
  failure: {
    code: 'WRONG_TOKEN',
    sentence: 'This token is not valid: the relay makes a new one at each start, and prints it.',
  },
  headers: { 'WWW-Authenticate': 'Bearer' },
};

export const TOO_MANY: Refusal = {
  status: 429,
  failure: { code: 'TOO_MANY_ATTEMPTS', sentence: 'Too many wrong tokens came from this address; wait a minute.' },
};

export const FORGED_HOST: Refusal = {
  status: 403,
  failure: { code: 'FORBIDDEN', sentence: 'The control port answers under its own address only.' },
};

export const FOREIGN_ORIGIN: Refusal = {
  status: 403,
  failure: { code: 'FORBIDDEN', sentence: 'Pages of other sites may not control the relay.' },
};

export const NOT_FOUND: Refusal = {
  status: 404,
  failure: { code: 'NOT_FOUND', sentence: 'There is nothing at this address.' },
};

export const NOT_ALLOWED: Refusal = {
  status: 405,
  failure: { code: 'METHOD_NOT_ALLOWED', sentence: 'This address does not answer requests of this method.' },
};

export const NO_JSON_TYPE: Refusal = {
  status: 415,
  failure: { code: 'BAD_INPUT', sentence: 'Commands take their input as application/json.' },
};

export const NO_JSON: Refusal = {
  status: 400,
  failure: { code: 'BAD_INPUT', sentence: 'The input of the command is not JSON.' },
};

export const TOO_LONG: Refusal = {
  status: 413,
  failure: { code: 'TOO_LARGE', sentence: 'The input of the command is longer than the relay takes.' },
};

export const NOT_BUILT: Refusal = {
  status: 404,
  failure: { code: 'NOT_BUILT', sentence: 'The window has not been built; "npm run build" does that.' },
};

export const BUG: Refusal = {
  status: 500,
  failure: { code: 'BUG', sentence: 'The relay made a mistake; its log says more.' },
};
