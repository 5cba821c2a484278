import type { MenuItemConstructorOptions } from 'electron';
import type { Labels } from './labels.ts';

/**
 * The menu of the app: what macOS expects of one, and elsewhere, where it shows up with the Alt key, what keyboard shortcuts need.
 * What has a role does and says what it does everywhere.
 */
export function createAppMenu({
  platform,
  labels,
  onSettings,
}: {
  platform: NodeJS.Platform;
  labels: Labels;
  onSettings: () => void;
}): MenuItemConstructorOptions[] {
  const settings: MenuItemConstructorOptions = {
    label: labels.settings,
    accelerator: 'CmdOrCtrl+,',
    click: onSettings,
  };
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const quit: MenuItemConstructorOptions = { role: 'quit', label: labels.quit };
  const ofMacOs: MenuItemConstructorOptions[] = [
    { role: 'services' },
    separator,
    { role: 'hide' },
    { role: 'hideOthers' },
    { role: 'unhide' },
    separator,
  ];
  const isMac = platform === 'darwin';
  return [
    {
      label: 'Hearthcast',
      submenu: [{ role: 'about' }, separator, settings, separator, ...(isMac ? ofMacOs : []), quit],
    },
    { role: 'editMenu', label: labels.menu.edit },
    {
      label: labels.menu.view,
      submenu: [
        { role: 'reload' },
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu', label: labels.menu.window },
  ];
}
