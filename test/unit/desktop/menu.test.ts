import { describe, expect, test } from 'vitest';
import { pickLabels } from '../../../main/desktop/labels.ts';
import { createAppMenu } from '../../../main/desktop/menu.ts';

function menuOn(platform: NodeJS.Platform) {
  return createAppMenu({ platform, labels: pickLabels('en', []), onSettings: () => undefined });
}

function rolesIn(menu: ReturnType<typeof menuOn>): (string | undefined)[] {
  return menu.flatMap(({ role, submenu }) => [
    role,
    ...(Array.isArray(submenu) ? submenu.map((item) => item.role) : []),
  ]);
}

describe('the menu of the app', () => {
  test('has what macOS expects of one', () => {
    const roles = rolesIn(menuOn('darwin'));
    for (const role of ['about', 'services', 'hide', 'hideOthers', 'unhide', 'quit', 'editMenu', 'windowMenu']) {
      expect(roles).toContain(role);
    }
  });

  test('has elsewhere what keyboard shortcuts need, and nothing of macOS', () => {
    const roles = rolesIn(menuOn('linux'));
    for (const role of ['editMenu', 'reload', 'zoomIn', 'zoomOut', 'resetZoom', 'quit']) expect(roles).toContain(role);
    expect(roles).not.toContain('services');
    expect(roles).not.toContain('toggleDevTools');
  });
});

describe('the language', () => {
  test.for([
    ['auto', ['fr-FR', 'zh-Hans-CN', 'en-GB'], 'zh'],
    ['auto', ['en-GB', 'zh-CN'], 'en'],
    ['auto', ['de-DE'], 'en'],
    ['zh', ['en-GB'], 'zh'],
    ['en', ['zh-CN'], 'en'],
  ] as const)('chosen as %s by one who reads %j is %s', ([chosen, preferred, language]) => {
    expect(pickLabels(chosen, preferred).language).toBe(language);
  });
});
