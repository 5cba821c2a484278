/** One line of the benchmark's result. */
export type Measurement = {
  section: string;
  name: string;
  unit: string;
  relay: number;
  /** What the relay is compared with, measured in the same run. */
  reference: { name: string; value: number } | null;
  /** What the bar is about: a ratio or difference to the reference, or the relay's own value. */
  judged: number;
  bar: Bar;
  /** Whatever else was measured on the way; only in the JSON. */
  details: Record<string, unknown>;
};

export type Bar = { atMost: number } | { atLeast: number };

export function passes({ judged, bar }: Pick<Measurement, 'judged' | 'bar'>): boolean {
  return 'atMost' in bar ? judged <= bar.atMost : judged >= bar.atLeast;
}

/** The result as a Markdown table. */
export function toMarkdown(measurements: readonly Measurement[]): string {
  const rows = measurements.map((measurement) => {
    const { section, name, unit, relay, reference, judged, bar } = measurement;
    const comparison = reference === null ? '' : `${show(reference.value)} (${reference.name})`;
    const limit = 'atMost' in bar ? `≤ ${show(bar.atMost)}` : `≥ ${show(bar.atLeast)}`;
    const verdict = passes(measurement) ? 'pass' : 'MISS';
    return [section, `${name}${unit === '' ? '' : `, ${unit}`}`, show(relay), comparison, show(judged), limit, verdict];
  });
  const header = ['section', 'what', 'relay', 'reference', 'judged', 'bar', ''];
  const lines = [header, header.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Three significant digits, whole numbers from 100 on. */
function show(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
