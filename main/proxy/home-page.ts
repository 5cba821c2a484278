import { renderSVG } from 'uqr';

/** The page behind the bare address, for a phone or a TV's browser: how to add the list. No script, nothing from elsewhere. */
export function renderHomePage({ baseUrl, channelCount }: { baseUrl: string; channelCount: number }): string {
  const listUrl = `${baseUrl}/tv`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>Hearthcast</title>
<style>
  :root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5; }
  body { margin: 0 auto; padding: 2rem 1.25rem; max-width: 34rem; }
  h1 { font-size: 1.6rem; margin: 0; }
  code { display: block; font-size: 1.35rem; padding: .8rem 1rem; border-radius: .6rem; background: #8883; overflow-wrap: anywhere; }
  svg { display: block; width: 11rem; margin: 1.5rem 0; border-radius: .6rem; background: #fff; }
  a { color: inherit; }
</style>
</head>
<body>
<h1>Hearthcast is running</h1>
<p>${channelCount === 1 ? '1 channel is' : `${channelCount} channels are`} ready. Add this playlist address to the IPTV app on your TV:</p>
<p><a href="/tv"><code>${escapeHtml(listUrl)}</code></a></p>
${renderSVG(listUrl)}
<ol>
  <li>On the TV, open an IPTV player: Smart IPTV, TiviMate, IPTV Smarters, Kodi, VLC.</li>
  <li>Choose “add playlist” (M3U URL) and type the address above, or scan the code with a phone.</li>
  <li>Pick a channel. TV and relay must be on the same network.</li>
</ol>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
