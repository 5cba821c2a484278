/**
 * What players and TVs write into their User-Agent, and what people call them. Order counts: a TV's own browser also claims to be Chrome,
 * an app on an Android TV also names Android, so the more telling comes first.
 */
const NAMES: readonly (readonly [pattern: RegExp, name: string])[] = [
  // Apps that people choose, whatever they run on.
  [/TiviMate/i, 'TiviMate'],
  [/IPTV ?Smarters/i, 'IPTV Smarters'],
  [/GSE ?(?:SMART )?IPTV|GSE\//i, 'GSE Smart IPTV'],
  [/Smart ?IPTV|siptv/i, 'Smart IPTV'],
  [/OTT ?Navigator/i, 'OTT Navigator'],
  [/Televizo/i, 'Televizo'],
  [/Perfect ?Player/i, 'Perfect Player'],
  [/Net ?IPTV/i, 'Net IPTV'],
  [/SS ?IPTV/i, 'SS IPTV'],
  [/XCIPTV/i, 'XCIPTV'],
  [/iptvnator/i, 'IPTVnator'],
  [/UHF\//i, 'UHF'],
  [/Channels(?: DVR)?\/\d/i, 'Channels'],
  [/Jellyfin/i, 'Jellyfin'],
  [/Emby/i, 'Emby'],
  [/Plex/i, 'Plex'],
  [/Threadfin/i, 'Threadfin'],
  [/xTeVe/i, 'xTeVe'],
  [/Dispatcharr/i, 'Dispatcharr'],
  [/tvheadend/i, 'Tvheadend'],
  [/Kodi|XBMC/i, 'Kodi'],

  // TVs and boxes.
  [/Tizen|SMART-TV.*Samsung|SamsungBrowser.*TV|Maple/i, 'Samsung TV'],
  [/Web0S|webOS|NetCast|LG ?Browser|LGE/i, 'LG TV'],
  [/BRAVIA|Sony.*TV|SonyCEBrowser/i, 'Sony TV'],
  [/Philips|NETTV/i, 'Philips TV'],
  [/VIDAA|Hisense/i, 'Hisense TV'],
  [/Viera|Panasonic/i, 'Panasonic TV'],
  [/\bAFT[A-Z0-9]+|Fire ?TV|AmazonWebAppPlatform/, 'Fire TV'],
  [/Apple ?TV|tvOS/i, 'Apple TV'],
  [/CrKey|Chromecast/i, 'Chromecast'],
  [/Roku/i, 'Roku'],
  [/SHIELD Android TV/i, 'Nvidia Shield'],
  [/\bMAG ?\d{3}|MAG200|Infomir/i, 'MAG box'],
  [/Formuler|MYTVOnline/i, 'Formuler box'],
  [/Dreambox|Enigma2|OpenATV|OpenPLi/i, 'Enigma2 box'],
  [/Xbox/i, 'Xbox'],
  [/PlayStation/i, 'PlayStation'],
  [/Android ?TV|GoogleTV|Google TV|ATV\b|MiTV|MIBOX|BeyondTV|TCL.*TV/i, 'Android TV'],
  [/HbbTV|SMART-?TV|SmartTV/i, 'Smart TV'],

  // Players.
  [/LibVLC|\bVLC\b/i, 'VLC'],
  [/\bmpv\b|libmpv/i, 'mpv'],
  [/MX ?Player/i, 'MX Player'],
  [/PotPlayer/i, 'PotPlayer'],
  [/IINA/i, 'IINA'],
  [/Infuse/i, 'Infuse'],
  [/QuickTime/i, 'QuickTime'],
  [/Lavf|ffmpeg/i, 'ffmpeg'],
  [/GStreamer|souphttpsrc/i, 'GStreamer'],
  [/AppleCoreMedia.*iPad|iPad.*AppleCoreMedia/i, 'iPad'],
  [/AppleCoreMedia.*iPhone|iPhone.*AppleCoreMedia/i, 'iPhone'],
  [/AppleCoreMedia|AVPlayer|AVFoundation/i, 'Apple player'],
  [/ExoPlayer|AndroidXMedia3|media3/i, 'Android app'],
  [/stagefright/i, 'Android player'],

  // Browsers, phones last: everything else names them too.
  [/iPad/, 'iPad'],
  [/iPhone|iPod/, 'iPhone'],
  [/Android.*Mobile/, 'Android phone'],
  [/Android/, 'Android device'],
  [/CFNetwork|Darwin/, 'Apple app'],
  [/Edg(?:e|A|iOS)?\//, 'Edge'],
  [/OPR\/|Opera/, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Electron\//, 'Desktop app'],
  [/Chrome\/|Chromium\//, 'Chrome'],
  [/Safari\//, 'Safari'],
  [/okhttp|Dalvik/i, 'Android app'],
  [/^Wget/i, 'Wget'],
  [/^curl/i, 'curl'],
];

const UNKNOWN = 'Unknown device';
const LONGEST_PRODUCT = 40;

/** What a User-Agent says in words: `Samsung TV`, `VLC`; the first product it names where nobody knows it. */
export function deviceName(userAgent: string): string {
  const known = NAMES.find(([pattern]) => pattern.test(userAgent));
  if (known !== undefined) return known[1];
  // RFC 9110 10.1.5: products come as `name/version`, the most telling one first.
  const product = /^[^\s/();]+/.exec(userAgent.trim())?.[0] ?? '';
  return product === '' || product === 'Mozilla' ? UNKNOWN : product.slice(0, LONGEST_PRODUCT);
}
