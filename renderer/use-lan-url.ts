import type { EditableSettings } from '../shared/contract.ts';
import { useSettings } from './use-settings.ts';
import { useSnapshot } from './use-snapshot.ts';

/** The addresses that TVs can type, best first; empty while there is no network. */
export function useListUrls(): string[] {
  const lanUrls = useSnapshot((snapshot) => snapshot.lanUrls) ?? [];
  const { settings } = useSettings();
  return lanUrls.map((base) => withKey(`${base}/tv`, settings));
}

/** Where TVs find something of the relay; undefined while there is no network. */
export function useLanUrl(path: string): string | undefined {
  const base = useSnapshot(({ lanUrls }) => lanUrls[0]);
  const { settings } = useSettings();
  return base === undefined ? undefined : withKey(base + path, settings);
}

function withKey(url: string, settings: EditableSettings | undefined): string {
  const key = settings?.accessKey ?? '';
  return key === '' ? url : `${url}?key=${encodeURIComponent(key)}`;
}
