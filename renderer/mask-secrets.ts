const WEB_ADDRESS = /\b(https?|rediss?|rtsp|rtmp):\/\/[^\s"'<>]+/gi;

const ASSIGNED_SECRET =
  /((?:pass(?:word|phrase)?|user(?:name)?|token|secret|key|auth(?:orization)?|cookie|session)"?\s*[:=]\s*"?)[^\s",;}]+/gi;

/**
 * A text for strangers: of every address only scheme and host remain, of what is assigned to a name like `password` nothing.
 * It hides rather too much than too little.
 */
export function maskSecrets(text: string): string {
  return text.replace(WEB_ADDRESS, maskAddress).replace(ASSIGNED_SECRET, '$1***');
}

function maskAddress(address: string): string {
  const url = URL.parse(address);
  if (url === null) return '***';
  const hasMore = url.pathname.length > 1 || url.search !== '';
  return `${url.protocol}//${url.host}${hasMore ? '/***' : ''}`;
}
