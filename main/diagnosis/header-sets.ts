import type { Sentence } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';

/** Request headers of a player that a provider may let in. */
export type HeaderSet = {
  /** Whose they are. */
  owner: Sentence;
  headers: Readonly<Record<string, string>>;
};

const BROWSER =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36';

/** What to try when a provider turns a player away: the players that most of them let in, and a visitor of its own website. */
export function headerSetsFor(url: string): HeaderSet[] {
  const site = URL.parse(url)?.origin;
  return [
    { owner: say('player.vlc'), headers: { 'User-Agent': 'VLC/3.0.21 LibVLC/3.0.21' } },
    {
      owner: say('player.kodi'),
      headers: { 'User-Agent': 'Kodi/21.2 (Linux; Android 11) Android/11 Sys_CPU/aarch64 App_Bitness/64' },
    },
    { owner: say('player.browser'), headers: { 'User-Agent': BROWSER } },
    ...(site === undefined
      ? []
      : [
          {
            owner: say('player.visitor'),
            headers: { 'User-Agent': BROWSER, Referer: `${site}/`, Origin: site },
          },
        ]),
  ];
}
