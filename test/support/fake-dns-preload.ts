/* Entry: loaded before a program, answers for names as fake-dns.ts was told. */
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import type { FakeNames } from './fake-dns.ts';

type Callback = (error: Error | null, address: string | dns.LookupAddress[], family?: number) => void;

const names = JSON.parse(new URL(import.meta.url).searchParams.get('names') ?? '{}') as FakeNames;
const timesAsked = new Map<string, number>();
const lookup = dns.lookup as (name: string, options: dns.LookupOptions, callback: Callback) => void;

function lookupFake(name: string, options: dns.LookupOptions, callback: Callback): void {
  const answers = names[name];
  if (answers === undefined) return lookup(name, options, callback);
  const times = timesAsked.get(name) ?? 0;
  timesAsked.set(name, times + 1);
  const address = answers[times] ?? answers.at(-1) ?? '';
  // Never at once: no resolver does.
  setImmediate(() => {
    if (options.all === true) callback(null, [{ address, family: 4 }]);
    else callback(null, address, 4);
  });
}

Object.assign(dns, { lookup: lookupFake });
syncBuiltinESMExports();
