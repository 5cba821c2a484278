import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Failure } from '../../shared/contract.ts';
import { say } from '../../shared/sentences.ts';

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
  response.end(`${failure.sentence.text}\n${failure.code}\n`);
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
    sentence: say('control.noToken'),
  },
  headers: { 'WWW-Authenticate': 'Bearer' },
};

export const WRONG_TOKEN: Refusal = {
  status: 401,
  failure: {
    code: 'WRONG_TOKEN',
    sentence: say('control.wrongToken'),
  },
  headers: { 'WWW-Authenticate': 'Bearer' },
};

export const TOO_MANY: Refusal = {
  status: 429,
  failure: { code: 'TOO_MANY_ATTEMPTS', sentence: say('control.tooManyTokens') },
};

export const FORGED_HOST: Refusal = {
  status: 403,
  failure: { code: 'FORBIDDEN', sentence: say('control.ownAddress') },
};

export const FOREIGN_ORIGIN: Refusal = {
  status: 403,
  failure: { code: 'FORBIDDEN', sentence: say('control.ownPages') },
};

export const NOT_FOUND: Refusal = {
  status: 404,
  failure: { code: 'NOT_FOUND', sentence: say('control.nothingHere') },
};

export const NOT_ALLOWED: Refusal = {
  status: 405,
  failure: { code: 'METHOD_NOT_ALLOWED', sentence: say('control.method') },
};

export const NO_JSON_TYPE: Refusal = {
  status: 415,
  failure: { code: 'BAD_INPUT', sentence: say('control.jsonType') },
};

export const NO_JSON: Refusal = {
  status: 400,
  failure: { code: 'BAD_INPUT', sentence: say('control.json') },
};

export const TOO_LONG: Refusal = {
  status: 413,
  failure: { code: 'TOO_LARGE', sentence: say('control.tooLong') },
};

export const NOT_BUILT: Refusal = {
  status: 404,
  failure: { code: 'NOT_BUILT', sentence: say('control.notBuilt') },
};

export const BUG: Refusal = {
  status: 500,
  failure: { code: 'BUG', sentence: say('relay.bug') },
};
