import { expect, test } from 'vitest';
import { maskUrl, maskUrlsIn } from '../../main/mask-url.ts';

test.for([
  ['http://anna:geheim@panel.example/list.m3u', 'http://***:***@panel.example/list.m3u'],
  [
    'http://panel.example/get.php?username=anna&password=geheim&type=m3u_plus',
    'http://panel.example/get.php?username=***&password=***&type=m3u_plus',
  ],
  ['https://panel.example/live/anna/geheim/12.ts', 'https://panel.example/live/***/***/12.ts'],
  ['https://panel.example:8080/anna/geheim/12', 'https://panel.example:8080/***/***/12'],
  ['http://panel.example/timeshift/anna/geheim/60/2026/12.ts', 'http://panel.example/timeshift/***/***/60/2026/12.ts'],
  ['http://cdn.example/x.m3u8?Token=abc#secret', 'http://cdn.example/x.m3u8?Token=***'],
  ['http://cdn.example/8f14e45fceea167a5a36dedd4bea2543/x.m3u8', 'http://cdn.example/***/x.m3u8'],
  ['http://cdn.example/hls/news.m3u8?quality=hd', 'http://cdn.example/hls/news.m3u8?quality=hd'],
  ['/home/anna/lists/live/a.m3u', '/home/anna/lists/live/a.m3u'],
] as const)('%s is shown as %s', ([url, shown]) => {
  expect(maskUrl(url)).toBe(shown);
});

test.for([
  ['Loaded http://anna:geheim@panel.example/list.m3u.', 'Loaded http://***@panel.example/list.m3u.'],
  [
    'Tried (https://panel.example/live/anna/geheim/12.ts), then http://b.example/x?token=t1!',
    'Tried (https://panel.example/live/***/***/12.ts), then http://b.example/x?token=***',
  ],
  [
    '{"url":"http://p.example/get.php?username=anna&type=m3u"}',
    '{"url":"http://p.example/get.php?username=***&type=m3u"}',
  ],
  ['Connected to redis://:geheim@nas.lan:6379/1', 'Connected to redis://***@nas.lan:6379/1'],
  ['GET /tv?key=geheim&x=1 HTTP/1.1', 'GET /tv?key=***&x=1 HTTP/1.1'],
  ['Nothing to hide? a=b', 'Nothing to hide? a=b'],
] as const)('in a text, %s is shown as %s', ([text, shown]) => {
  expect(maskUrlsIn(text)).toBe(shown);
  expect(maskUrlsIn(shown)).toBe(shown);
});
