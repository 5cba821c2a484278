import { expect, test } from 'vitest';
import { deviceName } from '../../../main/stats/device-name.ts';

test.each([
  [
    'Samsung TV',
    'Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/538.1 (KHTML, like Gecko) Version/6.0 TV Safari/538.1',
  ],
  [
    'Samsung TV',
    'Mozilla/5.0 (SMART-TV; X11; Linux armv7l) AppleWebkit/537.42 Chromium/25.0.1349.2 Chrome/25.0.1349.2 Safari/537.42 Maple2012',
  ],
  [
    'LG TV',
    'Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0.4280.88 Safari/537.36 WebAppManager',
  ],
  ['Sony TV', 'Mozilla/5.0 (Linux; Android 9; BRAVIA 4K UR2 Build/PTT1) AppleWebKit/537.36 Chrome/90.0 Safari/537.36'],
  [
    'Philips TV',
    'Mozilla/5.0 (Linux armv7l) AppleWebKit/537.36 Chrome/74.0 Safari/537.36 OPR/46.0 OMI/4.13 NETTV/5.0 (PhilipsTV)',
  ],
  [
    'Hisense TV',
    'Mozilla/5.0 (Linux; Linux arm) AppleWebKit/537.36 Chrome/88.0 Safari/537.36 VIDAA/6.0(Hisense;SmartTV)',
  ],
  ['Fire TV', 'Dalvik/2.1.0 (Linux; U; Android 9; AFTKA Build/PS7285)'],
  ['Apple TV', 'AppleCoreMedia/1.0.0.20L497 (Apple TV; U; CPU OS 16_5 like Mac OS X; en_us)'],
  [
    'Chromecast',
    'Mozilla/5.0 (X11; Linux armv7l) AppleWebKit/537.36 Chrome/90.0.4430.225 Safari/537.36 CrKey/1.56.500000',
  ],
  ['Roku', 'Roku/DVP-11.5 (11.5.0.4312-88)'],
  ['Nvidia Shield', 'Dalvik/2.1.0 (Linux; U; Android 11; SHIELD Android TV Build/RQ1A)'],
  ['Android TV', 'Dalvik/2.1.0 (Linux; U; Android 10; MIBOX4 Build/PI)'],
  [
    'MAG box',
    'Mozilla/5.0 (QtEmbedded; U; Linux; C) AppleWebKit/533.3 (KHTML, like Gecko) MAG200 stbapp ver: 2 rev: 250 Safari/533.3',
  ],
  ['Kodi', 'Kodi/20.2 (X11; Linux x86_64) Ubuntu/22.04 App_Bitness/64 Version/20.2'],
  ['VLC', 'VLC/3.0.21 LibVLC/3.0.21'],
  ['mpv', 'mpv 0.38.0'],
  ['ffmpeg', 'Lavf/60.16.100'],
  ['Jellyfin', 'Jellyfin-Server/10.8.13'],
  ['Plex', 'PlexMediaServer/1.40.0'],
  ['TiviMate', 'TiviMate/4.7.0 (Rooted AFTMM; Android 7.1.2)'],
  ['IPTV Smarters', 'IPTVSmartersPro'],
  ['IPTV Smarters', 'IPTV Smarters Pro/3.1 (Android 11)'],
  ['GSE Smart IPTV', 'GSE SMART IPTV/7.6 CFNetwork/1410 Darwin/22.6.0'],
  ['Android app', 'Player/1.0 (Linux;Android 11) ExoPlayerLib/2.18.1'],
  ['Android app', 'okhttp/4.9.2'],
  ['iPhone', 'AppleCoreMedia/1.0.0.21A329 (iPhone; U; CPU OS 17_0 like Mac OS X; en_us)'],
  [
    'iPad',
    'Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 Version/16.6 Mobile/15E148 Safari/604.1',
  ],
  ['Apple player', 'AppleCoreMedia/1.0.0.22F82 (Macintosh; U; Intel Mac OS X 13_4; en_us)'],
  ['Android phone', 'Mozilla/5.0 (Linux; Android 13; Pixel 7) AppleWebKit/537.36 Chrome/119.0 Mobile Safari/537.36'],
  [
    'Chrome',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36',
  ],
  ['Edge', 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/119.0 Safari/537.36 Edg/119.0.0.0'],
  ['Firefox', 'Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0'],
  [
    'Safari',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15',
  ],
  ['MyPlayer', 'MyPlayer/2.1 (build 7)'],
  ['Unknown device', 'Mozilla/5.0'],
  ['Unknown device', ''],
])('%s is what %s says', (name, userAgent) => {
  expect(deviceName(userAgent)).toBe(name);
});

test('a name is never longer than a line, whatever a client sends', () => {
  expect(deviceName('x'.repeat(5000)).length).toBeLessThanOrEqual(40);
});
