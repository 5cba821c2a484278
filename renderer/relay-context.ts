import { createContext, use } from 'react';
import type { Relay } from './api.ts';
import type { Live } from './live.ts';
import type { SavedSettings } from './saved-settings.ts';

/** What every view is built on; made once, in main.tsx. */
export type Services = { relay: Relay; live: Live; savedSettings: SavedSettings };

export const ServicesContext = createContext<Services | undefined>(undefined);

/** @throws Error outside of the app, which is a bug */
export function useServices(): Services {
  const services = use(ServicesContext);
  if (services === undefined) throw new Error('there is no relay above this component');
  return services;
}
