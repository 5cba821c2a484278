import { expect, test } from 'vitest';
import { PAGE_URL } from '../../../main/desktop/page.ts';
import { isFromPage } from '../../../main/desktop/sender.ts';

const page = { url: `${PAGE_URL}#/channels`, parent: null };

test('a message comes from our page, whatever it shows', () => {
  expect(isFromPage(PAGE_URL, { senderFrame: page })).toBe(true);
});

test.for([
  'https://example.com/',
  'https://hearthcast/',
  'app://hearthcast.example.com/',
  'app://user@hearthcast/',
  'app://hearthcast:80/',
  'file:///app/hearthcast/index.html',
  'about:blank',
  '',
])('a message does not come from our page when it comes from %s', (url) => {
  expect(isFromPage(PAGE_URL, { senderFrame: { url, parent: null } })).toBe(false);
});

test('a frame inside our page is not our page', () => {
  expect(isFromPage(PAGE_URL, { senderFrame: { url: PAGE_URL, parent: page } })).toBe(false);
});

test('a frame that has gone is not our page', () => {
  expect(isFromPage(PAGE_URL, { senderFrame: null })).toBe(false);
});

test('while the app is developed, the page is that of the development server, on its port only', () => {
  const senderFrame = { url: 'http://localhost:5173/#/home', parent: null };
  expect(isFromPage('http://localhost:5173/', { senderFrame })).toBe(true);
  expect(isFromPage('http://localhost:5174/', { senderFrame })).toBe(false);
});
