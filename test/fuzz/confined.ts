import type { SettingsEdit } from '../../shared/contract.ts';

/** Settings with which a relay talks to this machine alone, and takes no port from anybody. */
export const HARMLESS = { host: '127.0.0.1', port: 0, announce: false, redisUrl: '' } as const satisfies SettingsEdit;

/**
 * The same value, wherever in it settings are named that would open the relay to the network or send it there: those are harmless then.
 * What no setting can be stays as it is, to be refused.
 */
export function confined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(confined);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, harmless(name, field)]));
}

function harmless(name: string, field: unknown): unknown {
  const known = (HARMLESS as Record<string, unknown>)[name];
  return Object.hasOwn(HARMLESS, name) && typeof field === typeof known ? known : confined(field);
}
