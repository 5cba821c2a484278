import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { m3uOf, startHeadless } from '../support/headless.ts';
import { startRedisServer } from '../support/redis-server.ts';
import { expectNote, openRelayWindow } from '../support/relay-window.ts';
import { needs } from '../support/requirements.ts';

/* The settings of a real relay, and what they do to the window at once. */

test(
  'language and theme change at once, are kept by the relay, and reach another window',
  needs('chromium'),
  async () => {
    await using relay = await startHeadless();
    await using window = await openRelayWindow(relay);
    const { page, ask } = window;
    await window.go('settings');
    await page.getByRole('combobox', { name: 'Language' }).click();
    await page.getByRole('option', { name: '简体中文' }).click();
    await page.getByRole('heading', { name: '设置' }).waitFor();
    await page.getByRole('combobox', { name: '主题' }).click();
    await page.getByRole('option', { name: '深色' }).click();
    await page.locator('html[data-mantine-color-scheme="dark"][lang="zh-CN"]').waitFor();
    expect(await ask('settings.get', {})).toMatchObject({ language: 'zh', theme: 'dark' });
    await page.reload();
    await page.getByRole('heading', { name: '设置' }).waitFor();
    await page.locator('html[data-mantine-color-scheme="dark"][lang="zh-CN"]').waitFor();
    expect(window.complaints).toEqual([]);
  },
);

test(
  'a port that does not work is explained at its field, and the relay goes on at its own',
  needs('chromium'),
  async () => {
    await using relay = await startHeadless({ list: m3uOf([{ id: 'one', url: 'http://127.0.0.1:9/a.m3u8' }]) });
    await using window = await openRelayWindow(relay);
    const { page } = window;
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await window.go('settings');
    const field = page.getByLabel('Port');
    await field.fill('99999');
    await page.getByText('At most 65535.').waitFor();
    expect(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled()).toBe(true);
    await field.fill(String(port));
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('is in use by another program', { exact: false }).waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect((await fetch(`${relay.relay}/tv`)).status).toBe(200);
    other.close();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expectNote(page, 'Settings saved and in force.');
    expect((await fetch(`http://127.0.0.1:${port}/tv`)).status).toBe(200);
    expect(window.complaints).toEqual([]);
  },
);

test(
  'a Redis is tried before it is saved; one that is dead is said to be',
  needs('chromium', 'redis-server'),
  async () => {
    await using redis = await startRedisServer();
    await using relay = await startHeadless();
    await using window = await openRelayWindow(relay);
    const { page } = window;
    await window.go('settings');
    const field = page.getByLabel('Redis', { exact: true });
    const result = page.locator('.redis-setting__result');
    await field.fill(redis.url);
    await page.getByRole('button', { name: 'Test' }).click();
    await result.locator('.status-dot--good').waitFor();
    await field.fill(`redis://127.0.0.1:${await freePort()}`);
    await result.locator('.status-dot').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Test' }).click();
    await result.locator('.status-dot--bad').waitFor();
    expect((await result.textContent())?.length).toBeGreaterThan(10);
    await field.fill(redis.url);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expectNote(page, 'Settings saved and in force.');
    await page.getByText('Redis', { exact: true }).first().waitFor();
    expect((await window.ask('app.snapshot', {})).cache.store).toBe('redis');
    expect(window.complaints).toEqual([]);
  },
);
