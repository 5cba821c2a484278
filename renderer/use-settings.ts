import { useSyncExternalStore } from 'react';
import type { EditableSettings } from '../shared/contract.ts';
import { useServices } from './relay-context.ts';
import type { SavedSettings } from './saved-settings.ts';

/** The settings as the relay has them, and a way to change them. */
export function useSettings(): { settings: EditableSettings | undefined } & Pick<SavedSettings, 'save' | 'reload'> {
  const { savedSettings } = useServices();
  const settings = useSyncExternalStore(savedSettings.subscribe, savedSettings.get);
  return { settings, save: savedSettings.save, reload: savedSettings.reload };
}
