import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../shared/stats.ts';
import { pickLabels } from '../../../main/desktop/labels.ts';
import { createRelayTray } from '../../../main/desktop/tray.ts';
import { createFakeElectron } from '../../support/fake-electron/fake-electron.ts';
import { VIEWER } from '../../support/fake-electron/test-desktop.ts';
import { emptySnapshot } from '../../support/snapshot.ts';

const EN = pickLabels('en', []);
const ZH = pickLabels('zh', []);
const RATE = { fromSource: 1_000_000, toClients: 1_550_000 };
const TRAFFIC = { totalBytes: RATE, bytesPerSecond: { fromSource: 0, toClients: 0 }, bytesPerSecond10: RATE };
const WATCHED: Snapshot = { ...emptySnapshot, viewers: [VIEWER, { ...VIEWER, isActive: false }], traffic: TRAFFIC };

function startTray(platform: NodeJS.Platform = 'linux') {
  const { electron } = createFakeElectron();
  const icon = new electron.Tray({});
  const done: unknown[] = [];
  const tray = createRelayTray({
    tray: icon,
    buildMenu: (template) => electron.Menu.buildFromTemplate(template),
    platform,
    actions: {
      open: () => done.push('open'),
      copy: (url) => done.push(url),
      setPaused: (isPaused) => done.push(isPaused),
      quit: () => done.push('quit'),
    },
    listUrl: ({ lanUrls: [base] }) => base,
  });
  return { tray, icon, done };
}

describe('the menu in the tray', () => {
  test('says how the relay is, and offers what one does without the window', () => {
    const { tray, icon } = startTray();
    tray.show(WATCHED, EN);
    expect(icon.labels).toEqual([
      'Running',
      '1 watching · 12.4 Mbit/s',
      undefined,
      'Copy List URL',
      'Open Hearthcast',
      'Pause',
      undefined,
      'Quit Hearthcast',
    ]);
    expect(icon.toolTip).toBe('Hearthcast: Running\n1 watching · 12.4 Mbit/s');
  });

  test('speaks Chinese', () => {
    const { tray, icon } = startTray();
    tray.show({ ...WATCHED, status: 'paused' }, ZH);
    expect(icon.labels).toEqual([
      '已暂停',
      '1 台正在观看 · 12.4 Mbit/s',
      undefined,
      '复制播放列表地址',
      '打开 Hearthcast',
      '继续',
      undefined,
      '退出 Hearthcast',
    ]);
  });

  test('does what it says', () => {
    const { tray, icon, done } = startTray();
    tray.show({ ...emptySnapshot, lanUrls: ['http://192.168.1.20:8787'] }, EN);
    for (const label of ['Copy List URL', 'Open Hearthcast', 'Pause', 'Quit Hearthcast']) icon.choose(label);
    tray.show({ ...emptySnapshot, status: 'paused' }, EN);
    icon.choose('Resume');
    expect(done).toEqual(['http://192.168.1.20:8787', 'open', true, 'quit', false]);
  });

  test('has no address to copy where there is no network, and nothing to pause in a relay that does not run', () => {
    const { tray, icon } = startTray();
    tray.show({ ...emptySnapshot, status: 'failed' }, EN);
    expect(() => icon.choose('Copy List URL')).toThrow('does not offer');
    expect(() => icon.choose('Pause')).toThrow('does not offer');
  });

  test('is made anew at once when the state changes, and for figures only now and then', () => {
    const { tray, icon } = startTray();
    tray.show({ ...emptySnapshot, at: 10_000 }, EN);
    const { menu } = icon;
    tray.show({ ...WATCHED, at: 11_000 }, EN);
    tray.show({ ...WATCHED, at: 14_999 }, EN);
    expect(icon.menu).toBe(menu);
    tray.show({ ...WATCHED, at: 15_000 }, EN);
    expect(icon.labels[1]).toBe('1 watching · 12.4 Mbit/s');
    tray.show({ ...WATCHED, status: 'paused', at: 15_001 }, EN);
    expect(icon.labels[0]).toBe('Paused');
  });

  test('stays as it is while nothing changes', () => {
    const { tray, icon } = startTray();
    tray.show({ ...emptySnapshot, at: 0 }, EN);
    const { menu } = icon;
    tray.show({ ...emptySnapshot, at: 60_000 }, EN);
    expect(icon.menu).toBe(menu);
  });
});

test('a click opens the window, but on macOS, where it opens the menu', () => {
  for (const platform of ['linux', 'win32', 'darwin'] as const) {
    const { icon, done } = startTray(platform);
    icon.emit('click');
    expect(done).toEqual(platform === 'darwin' ? [] : ['open']);
  }
});
