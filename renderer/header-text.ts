const HEADER_LINE = /^([!#$%&'*+.^_`|~\w-]+)\s*:\s*(.+)$/;

/** `Name: value` lines as headers; null when a line is none. */
export function parseHeaders(text: string): Record<string, string> | null {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const pairs = lines.map((line) => HEADER_LINE.exec(line));
  if (pairs.includes(null)) return null;
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']));
}

/** Headers as lines to edit. */
export function printHeaders(headers: Record<string, string>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}
