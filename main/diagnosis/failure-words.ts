import { systemErrorCode, type ProxyError } from '../errors.ts';

/** Statuses with which providers turn away a player that they do not know, rather than a channel that they do not have. */
const REFUSALS: ReadonlySet<number> = new Set([401, 403, 406, 451]);

const STATUS_WORDS: ReadonlyMap<number, string> = new Map([
  [401, 'the provider wants a login: has it expired?'],
  [403, 'the provider refuses this player or this account'],
  [404, 'the provider does not have this'],
  [406, 'the provider does not answer this player'],
  [410, 'the provider does not have this any more'],
  [429, 'the provider limits how often it may be asked'],
  [451, 'the provider does not show this here for legal reasons'],
]);

/** Whether other request headers may help against a failure. */
export function isRefusal({ originStatus }: ProxyError): boolean {
  return originStatus !== undefined && REFUSALS.has(originStatus);
}

/**
 * A failure to load something from a provider, in one sentence. Names hosts, never addresses: those may hold credentials.
 * @param subject what did not load (`The newest segment`); undefined for the channel itself
 */
export function describeFailure(error: ProxyError, host: string, subject: string | undefined): string {
  const reason = reasonOf(error, host);
  if (subject !== undefined) return toSentence(`${subject} does not load: ${reason}`);
  return toSentence(reason);
}

/** With a capital letter and a full stop. */
export function toSentence(words: string): string {
  const capitalised = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.?!]$/.test(capitalised) ? capitalised : `${capitalised}.`;
}

function reasonOf(error: ProxyError, host: string): string {
  const { originStatus: status } = error;
  if (status !== undefined) return `${status}, ${STATUS_WORDS.get(status) ?? wordsForStatus(status)}`;
  return wordsForSystemError(systemErrorCode(error.cause), host) ?? decapitalised(error.message);
}

function wordsForStatus(status: number): string {
  return status >= 500 ? 'the provider has a problem of its own' : 'which is no success';
}

function wordsForSystemError(code: string | undefined, host: string): string | undefined {
  switch (code) {
    case 'ENOTFOUND':
      return `DNS name not found: ${host}`;
    case 'EAI_AGAIN':
      return `the DNS server does not answer when asked for ${host}`;
    case 'ECONNREFUSED':
      return `connections are refused by ${host}`;
    case 'ECONNRESET':
    case 'UND_ERR_SOCKET':
      return `the connection was broken by ${host}`;
    case 'CERT_HAS_EXPIRED':
      return `the certificate of ${host} has expired`;
    case 'CERT_NOT_YET_VALID':
      return `the certificate of ${host} is not valid yet: is the clock of this computer right?`;
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return `the certificate of ${host} is signed by nobody but itself`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `the certificate of ${host} is for another name`;
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return `the certificate of ${host} comes from an authority that nobody knows`;
    default:
      return undefined;
  }
}

function decapitalised(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
