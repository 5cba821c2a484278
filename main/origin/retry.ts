import type { ProxyError } from '../errors.ts';

const FIRST_DELAY_MS = 80;
const LONGEST_DELAY_MS = 2_000;

/** Whether the same request may well succeed when it is sent again. 4xx are answers, not accidents (RFC 9110 15.5). */
export function isWorthRetrying(error: ProxyError): boolean {
  switch (error.code) {
    case 'ORIGIN_UNREACHABLE':
    case 'ORIGIN_TIMEOUT':
      return true;
    case 'ORIGIN_STATUS': {
      const status = error.originStatus ?? 0;
      return status >= 500 || status === 408 || (status === 429 && error.retryAfterMs !== undefined);
    }
    default:
      return false;
  }
}

/**
 * How long to wait before attempt number `attempt` (the first retry is 1): exponential with jitter, and at least what the origin asked for.
 * @param random uniform in [0, 1)
 * @returns milliseconds
 */
export function retryDelayMs(attempt: number, error: ProxyError, random: number): number {
  const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
  return Math.max(error.retryAfterMs ?? 0, ceiling / 2 + (ceiling / 2) * random);
}

/** Reads `Retry-After` (RFC 9110 10.2.3): seconds or a date. */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,6}$/.test(value)) return Number(value) * 1000;
  // Date.parse sees dates in numbers too; an HTTP date begins with the name of a day.
  const date = /^[A-Z][a-z]{2}/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
