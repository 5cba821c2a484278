/**
 * What goes with every file of the window, however it is served: the page loads its own files, talks to its own server and to the
 * relay, shows pictures from anywhere (logos), and is put in no frame.
 * @param relayOrigin where previews come from; empty when that is not known
 */
export function pageHeaders(relayOrigin: string): Record<string, string> {
  const policy = [
    "default-src 'self'",
    // Mantine sizes things with style attributes.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: http: https:",
    'media-src blob:',
    `connect-src 'self' ${relayOrigin}`.trimEnd(),
    "object-src 'none'",
    "frame-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin',
  };
}
