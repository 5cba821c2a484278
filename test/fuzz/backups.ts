import fc from 'fast-check';
import { confined } from './confined.ts';
import { hostile } from './hostile.ts';

/** Backups that may be restored, and some that must not: cut, with a record too many or too few, with something else in a field. */
export function changedBackups(backups: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.constantFrom(...backups),
      fc.nat(),
      fc.nat(),
      hostile,
      fc.constantFrom('field', 'cut', 'twice', 'gone', 'none'),
    )
    .map(([text, at, within, value, change]) => {
      const lines = text.trimEnd().split('\n');
      const index = at % lines.length;
      const line = lines[index] ?? '';
      switch (change) {
        case 'field':
          return lines.with(index, withField(line, within, value)).join('\n');
        case 'cut':
          return text.slice(0, at % text.length);
        case 'twice':
          return lines.toSpliced(index, 0, line).join('\n');
        case 'gone':
          return lines.toSpliced(index, 1).join('\n');
        case 'none':
          return text;
      }
    });
}

/** One of all the fields of a record becomes something else; a line that is no record is cut there. */
function withField(line: string, within: number, value: unknown): string {
  const record = parse(line);
  if (record === undefined) return line.slice(0, within % (line.length + 1));
  const fields: [holder: Record<string, unknown>, name: string][] = [];
  const collect = (holder: object): void => {
    for (const [name, field] of Object.entries(holder)) {
      fields.push([holder as Record<string, unknown>, name]);
      if (typeof field === 'object' && field !== null) collect(field as object);
    }
  };
  collect(record);
  const [holder, name] = fields[within % fields.length] ?? [{}, ''];
  holder[name] = value;
  return JSON.stringify(confined(record));
}

function parse(line: string): object | undefined {
  try {
    return JSON.parse(line) as object;
  } catch {
    return undefined;
  }
}
