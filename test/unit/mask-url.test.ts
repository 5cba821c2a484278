import { expect, test } from 'vitest';
import { maskUrl } from '../../main/mask-url.ts';

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
