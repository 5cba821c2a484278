import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { Logger } from '../log.ts';
import { createFailedAttempts } from './failed-attempts.ts';
import { FOREIGN_ORIGIN, FORGED_HOST, NO_TOKEN, TOO_MANY, WRONG_TOKEN, type Refusal } from './refusal.ts';

/** Decides which requests the control port looks into at all. */
export type WebGuard = {
  /** Against pages of other sites, and names that lead here without being ours. */
  refusesOrigin(request: IncomingMessage): Refusal | undefined;
  /** Against those who do not know the token. @param offered what was offered instead of header or cookie */
  refusesToken(request: IncomingMessage, offered?: string): Refusal | undefined;
  /** The header that lets a browser in from now on. */
  readonly cookie: string;
};

const FREE_ATTEMPTS = 10;
const LOOPBACK_NAME = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;
const HOST = /^([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/**
 * @param host that the control port listens on
 * @param port tells this relay's cookie from another's, because cookies of one host are shared by all its ports
 */
export function createWebGuard({
  host,
  port,
  token,
  log,
  steady,
}: {
  host: string;
  port: () => number;
  token: string;
  log: Logger;
  /** Milliseconds of a clock that is never set back. */
  steady: () => number;
}): WebGuard {
  const digest = digestOf(token);
  const failedAttempts = createFailedAttempts({ steady });
  const isToken = (offered: string): boolean => timingSafeEqual(digestOf(offered), digest);
  const cookieName = (): string => `hearthcast-${port()}`;

  /** A name that resolves to us but is not ours is how a page of the web gets at a server at home (DNS rebinding). */
  function isOurName(name: string, request: IncomingMessage): boolean {
    if (LOOPBACK_NAME.test(name) || name.toLowerCase() === host.toLowerCase()) return true;
    const bare = name.replace(/^\[|\]$/g, '');
    return isIP(bare) !== 0 && bare === (request.socket.localAddress ?? '').replace('::ffff:', '');
  }

  /** The right token lets in at any time: it cannot be guessed, so the limit is there to keep guessing cheap for us. */
  function onFailure(address: string): Refusal {
    const { count, forgottenInSeconds } = failedAttempts.add(address);
    if (count <= FREE_ATTEMPTS) return WRONG_TOKEN;
    if (count === FREE_ATTEMPTS + 1) log.warn({ address }, 'somebody tries wrong tokens on the control port');
    return { ...TOO_MANY, headers: { 'Retry-After': String(forgottenInSeconds) } };
  }

  return {
    refusesOrigin(request) {
      const { host: hostHeader = '', origin, 'sec-fetch-site': site } = request.headers;
      const name = HOST.exec(hostHeader)?.[1];
      if (name === undefined || !isOurName(name, request)) return FORGED_HOST;
      if (isHarmless(request)) return undefined;
      const isForeign = origin !== undefined && origin.toLowerCase() !== `http://${hostHeader}`.toLowerCase();
      const isSaidForeign = site !== undefined && site !== 'same-origin' && site !== 'none';
      return isForeign || isSaidForeign ? FOREIGN_ORIGIN : undefined;
    },

    refusesToken(request, offered = tokenOf(request, cookieName())) {
      if (offered === undefined) return NO_TOKEN;
      return isToken(offered) ? undefined : onFailure(request.socket.remoteAddress ?? '');
    },

    get cookie() {
      return `${cookieName()}=${token}; HttpOnly; SameSite=Strict; Path=/`;
    },
  };
}

/** A page of another site may link here; what answers with the relay's state or changes it, it may not ask for. */
function isHarmless({ method, url = '' }: IncomingMessage): boolean {
  return (method === 'GET' || method === 'HEAD') && !url.startsWith('/api/');
}

function tokenOf({ headers }: IncomingMessage, cookieName: string): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1);
}

/** Of equal length whatever was offered, so that comparing takes the same time. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
