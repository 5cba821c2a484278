import { describe, expect, test } from 'vitest';
import { renderHomePage } from '../../../main/proxy/home-page.ts';

const BASE_URL = 'http://192.168.1.20:8787';

describe('the home page', () => {
  test('says the short address of the list, as text, link and QR code', () => {
    const page = renderHomePage({ baseUrl: BASE_URL, channelCount: 3 });
    expect(page).toContain(`${BASE_URL}/tv`);
    expect(page).toContain('href="/tv"');
    expect(page).toContain('<svg');
  });

  test.each([
    [0, '0 channels are'],
    [1, '1 channel is'],
    [1200, '1200 channels are'],
  ])('counts %i channels in English', (channelCount, words) => {
    expect(renderHomePage({ baseUrl: BASE_URL, channelCount })).toContain(words);
  });

  test.each([
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN'],
    ['zh', 'zh-CN'],
    ['en-US,en;q=0.9,zh;q=0.8', 'en'],
    ['zhx', 'en'],
    ['', 'en'],
  ])('to "%s" it speaks %s', (acceptLanguage, language) => {
    expect(renderHomePage({ baseUrl: BASE_URL, channelCount: 3, acceptLanguage })).toContain(
      `<html lang="${language}">`,
    );
  });

  test('needs nothing from elsewhere and runs no script', () => {
    const page = renderHomePage({ baseUrl: BASE_URL, channelCount: 3 });
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<script|\bsrc=|@import|<link/);
    const addresses = [...page.matchAll(/https?:\/\/[^\s"'<]+/g)].map(([address]) => address);
    expect(addresses.filter((address) => !address.startsWith(BASE_URL))).toEqual(['http://www.w3.org/2000/svg']);
  });

  test('holds no markup that came with the address', () => {
    const page = renderHomePage({ baseUrl: 'http://x"><script>alert(1)</script>&amp;', channelCount: 3 });
    expect(page).not.toContain('<script');
    expect(page).toContain('http://x&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;/tv');
  });
});
