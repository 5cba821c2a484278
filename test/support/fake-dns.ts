import { pathToFileURL } from 'node:url';

/** What a name server says of a name: one answer after the other, the last again and again. */
export type FakeNames = Readonly<Record<string, readonly [string, ...string[]]>>;

/** Arguments for a Node that asks this name server; what it does not know, the system is asked for. */
export function fakeDns(names: FakeNames): string[] {
  const preload = pathToFileURL(`${import.meta.dirname}/fake-dns-preload.ts`);
  preload.searchParams.set('names', JSON.stringify(names));
  return ['--import', preload.href];
}
