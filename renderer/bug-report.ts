import type { LogLine } from '../shared/contract.ts';
import { maskSecrets } from './mask-secrets.ts';

const MAX_LINES = 400;

/** What helps to find a fault, without anything that belongs to the user alone. In English, for those who read it. */
export function createBugReport({
  version,
  browser,
  at,
  lines,
}: {
  version: string;
  browser: string;
  at: number;
  /** Newest first. */
  lines: readonly LogLine[];
}): string {
  const shown = lines.slice(0, MAX_LINES).toReversed();
  const log = shown.map((line) =>
    `${new Date(line.at).toISOString()} ${line.level.padEnd(5)} ${line.text} ${line.detail}`.trim(),
  );
  return [
    `Hearthcast ${version}`,
    `Window: ${browser}`,
    `Written: ${new Date(at).toISOString()}`,
    '',
    ...log.map(maskSecrets),
    '',
  ].join('\n');
}
