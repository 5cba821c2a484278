const MASK = '***';

/** Query parameters whose value is, or stands for, a credential. */
const SECRET_PARAMETER = /user|login|pass|pwd|token|auth|key|secret|sig|hash|mac|session|sid|account|email/i;

/** Path components that a user name and a password follow, as in the addresses of Xtream Codes panels. */
const CREDENTIALS_FOLLOW = /^(?:live|movie|series|timeshift|xmltv|hls|hlsr|play)$/i;

/** The short form of the same: /user/password/1234.ts */
const BARE_CREDENTIALS = /^\/[^/]+\/[^/]+\/\d+(?:\.\w+)?$/;

/** A path component that looks drawn at random. */
const OPAQUE = /^(?=[^/]*\d)(?=[^/]*[a-z])[\w~-]{24,}$/i;

/** The same address with everything that could be a credential replaced by `***`, for logs and messages. What is no web address stays as it is. */
export function maskUrl(text: string): string {
  if (!/^https?:/i.test(text) || !URL.canParse(text)) return text;
  const url = new URL(text);
  if (url.username !== '') url.username = MASK;
  if (url.password !== '') url.password = MASK;
  url.pathname = maskPath(url.pathname);
  for (const name of new Set(url.searchParams.keys())) {
    if (SECRET_PARAMETER.test(name)) url.searchParams.set(name, MASK);
  }
  url.hash = '';
  return url.href;
}

/** A text with every address in it masked, and every credential in the query of a bare request target. */
export function maskUrlsIn(text: string): string {
  return text
    .replaceAll(/https?:\/\/[^\s"'<>\\]+/gi, maskUrlBeforePunctuation)
    .replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^\s"'<>\\/@]+@/gi, `$1${MASK}@`)
    .replaceAll(/([?&])([\w.-]+)=[^&\s"'<>\\]+/g, (pair: string, mark: string, name: string) =>
      SECRET_PARAMETER.test(name) ? `${mark}${name}=${MASK}` : pair,
    );
}

/** What ends a sentence is no part of its last address. */
function maskUrlBeforePunctuation(match: string): string {
  const url = match.replace(/[.,;:!?)\]}]+$/, '');
  return maskUrl(url) + match.slice(url.length);
}

function maskPath(pathname: string): string {
  const parts = pathname.split('/');
  const follow = parts.findIndex((part) => CREDENTIALS_FOLLOW.test(part));
  const first = BARE_CREDENTIALS.test(pathname) ? 1 : follow === -1 ? Infinity : follow + 1;
  const isFile = (index: number) => index === parts.length - 1;
  return parts
    .map((part, index) => {
      const isCredential = index >= first && index < first + 2 && !isFile(index) && part !== '';
      return isCredential || OPAQUE.test(part) ? MASK : part;
    })
    .join('/');
}
