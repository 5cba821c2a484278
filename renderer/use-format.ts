import { createContext, use } from 'react';
import type { Format } from './format.ts';

export const FormatContext = createContext<Format | undefined>(undefined);

/**
 * The formats of the language that is shown.
 * @throws Error outside of the app, which is a bug
 */
export function useFormat(): Format {
  const format = use(FormatContext);
  if (format === undefined) throw new Error('there is no language above this component');
  return format;
}
