import type { Sentence } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';
import { systemErrorCode, type ProxyError } from '../errors.ts';

/** Statuses with which providers turn away a player that they do not know, rather than a channel that they do not have. */
const REFUSALS: ReadonlySet<number> = new Set([401, 403, 406, 451]);

/** Whether other request headers may help against a failure. */
export function isRefusal({ originStatus }: ProxyError): boolean {
  return originStatus !== undefined && REFUSALS.has(originStatus);
}

/**
 * A failure to load something from a provider. Names hosts, never addresses: those may hold credentials.
 * @param subject what did not load; undefined for the channel itself
 */
export function describeFailure(error: ProxyError, host: string, subject: Sentence | undefined): Sentence {
  const reason = reasonOf(error, host);
  return subject === undefined ? reason : say('broken.load', { subject, reason });
}

function reasonOf(error: ProxyError, host: string): Sentence {
  if (error.originStatus !== undefined) return wordsForStatus(error.originStatus);
  return wordsForSystemError(systemErrorCode(error.cause), host) ?? error.sentence;
}

function wordsForStatus(status: number): Sentence {
  switch (status) {
    case 401:
    case 403:
    case 404:
    case 406:
    case 410:
    case 429:
    case 451:
      return say(`status.${status}`);
    default:
      return say(status >= 500 ? 'status.ownProblem' : 'status.noSuccess', { status });
  }
}

function wordsForSystemError(code: string | undefined, host: string): Sentence | undefined {
  switch (code) {
    case 'ENOTFOUND':
      return say('host.noName', { host });
    case 'EAI_AGAIN':
      return say('host.noDns', { host });
    case 'ECONNREFUSED':
      return say('host.refuses', { host });
    case 'ECONNRESET':
    case 'UND_ERR_SOCKET':
      return say('host.breaks', { host });
    case 'CERT_HAS_EXPIRED':
      return say('host.expired', { host });
    case 'CERT_NOT_YET_VALID':
      return say('host.notYetValid', { host });
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return say('host.selfSigned', { host });
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return say('host.otherName', { host });
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return say('host.unknownAuthority', { host });
    default:
      return undefined;
  }
}
