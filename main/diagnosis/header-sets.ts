/** Request headers of a player that a provider may let in. */
export type HeaderSet = {
  /** Whose they are, as a sentence goes on: `plays with VLC's.` */
  owner: string;
  headers: Readonly<Record<string, string>>;
};

const BROWSER =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36';

/** What to try when a provider turns a player away: the players that most of them let in, and a visitor of its own website. */
export function headerSetsFor(url: string): HeaderSet[] {
  const site = URL.parse(url)?.origin;
  return [
    { owner: "VLC's", headers: { 'User-Agent': 'VLC/3.0.21 LibVLC/3.0.21' } },
    {
      owner: "Kodi's",
      headers: { 'User-Agent': 'Kodi/21.2 (Linux; Android 11) Android/11 Sys_CPU/aarch64 App_Bitness/64' },
    },
    { owner: "a browser's", headers: { 'User-Agent': BROWSER } },
    ...(site === undefined
      ? []
      : [
          {
            owner: "a browser's that comes from the provider's own site",
            headers: { 'User-Agent': BROWSER, Referer: `${site}/`, Origin: site },
          },
        ]),
  ];
}
