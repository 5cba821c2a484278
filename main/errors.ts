import type { Sentence } from '../shared/sentence.ts';

/** Every failure the relay expects, and the HTTP status a TV sees for it. Anything else is a bug and answers 500. */
export const ERROR_STATUS = {
  BAD_REQUEST: 400,
  FORBIDDEN: 403,
  UNKNOWN_CHANNEL: 404,
  UNKNOWN_RESOURCE: 404,
  ORIGIN_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  RANGE_NOT_SATISFIABLE: 416,
  ORIGIN_STATUS: 502,
  ORIGIN_UNREACHABLE: 502,
  ORIGIN_REDIRECTS: 502,
  ORIGIN_ADDRESS: 502,
  ORIGIN_TOO_LARGE: 502,
  ORIGIN_INCONSISTENT: 502,
  BAD_PLAYLIST: 502,
  STOPPING: 503,
  CONNECTION_LIMIT: 503,
  ORIGIN_TIMEOUT: 504,
  /* Below: never answered over HTTP, said by the entry or the window. */
  BAD_LIST: 422,
  BAD_SETTINGS: 500,
  BAD_DATABASE: 500,
  PORT_IN_USE: 500,
  DATA_FOLDER: 500,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** What is known about a failure besides its code; never shown to a TV. */
type ErrorDetail = {
  cause?: unknown;
  /** HTTP status the origin answered with, when it answered. */
  originStatus?: number;
  /** How long the origin asked to be left alone (`Retry-After`). */
  retryAfterMs?: number;
  /** How many bytes there are, when a range asked for others (RFC 9110 14.4). */
  availableBytes?: number;
};

/**
 * An expected failure. Its sentence is for people and names no upstream URL, because a TV may see it; `message` is the English of it.
 */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly code: ErrorCode;
  readonly sentence: Sentence;
  readonly originStatus: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly availableBytes: number | undefined;

  constructor(code: ErrorCode, sentence: Sentence, detail: ErrorDetail = {}) {
    super(sentence.text, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.sentence = sentence;
    this.originStatus = detail.originStatus;
    this.retryAfterMs = detail.retryAfterMs;
    this.availableBytes = detail.availableBytes;
  }

  /** The HTTP status a TV sees. */
  get status(): number {
    return ERROR_STATUS[this.code];
  }
}

/** The `code` of a Node system error (`ECONNREFUSED`, `ENOENT`, ...), if it has one. */
export function systemErrorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
