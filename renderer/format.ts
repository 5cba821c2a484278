/** Everything that turns figures into text, for one language. */
export type Format = {
  language: string;
  /** `12,345` */
  count: (value: number) => string;
  /** `66 %` of a ratio. */
  percent: (ratio: number) => string;
  /** `1.2 GB`, in powers of ten, as providers and routers count. */
  bytes: (bytes: number) => string;
  /** `24.3 Mbit/s` */
  bitRate: (bytesPerSecond: number) => string;
  /** `3 min 20 s`: two units at most. */
  duration: (milliseconds: number) => string;
  /** `21:04` */
  clock: (time: number) => string;
  /** `21:04:37` */
  clockWithSeconds: (time: number) => string;
  /** `Nov 22, 21:04` */
  dateAndTime: (time: number) => string;
  /** `22/11` or `11/22`: short, for axes. */
  day: (time: number) => string;
  /** `5 minutes ago` */
  ago: (time: number, now: number) => string;
};

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const RATE_UNITS = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'];
const BITS_PER_BYTE = 8;

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const SPANS = [
  { unit: 'day', ms: DAY_MS },
  { unit: 'hour', ms: HOUR_MS },
  { unit: 'minute', ms: MINUTE_MS },
  { unit: 'second', ms: SECOND_MS },
] as const;

/** The formats of a language, made once because making one is slow. */
export function createFormat(language: string): Format {
  const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const oneDigit = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const percentage = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const time = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language, options);
  const clock = time({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const clockWithSeconds = time({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
  const dateAndTime = time({ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const day = time({ month: 'numeric', day: 'numeric' });
  const units = new Map(
    SPANS.map(({ unit }) => [
      unit,
      new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 0 }),
    ]),
  );

  const scaled = (value: number, names: readonly string[]): string => {
    const steps = value < 1000 ? 0 : Math.min(names.length - 1, Math.floor(Math.log10(value) / 3));
    const amount = value / 1000 ** steps;
    const digits = steps === 0 || amount >= 99.95 ? whole : oneDigit;
    return `${digits.format(amount)} ${names[steps] ?? ''}`;
  };

  return {
    language,
    count: (value) => whole.format(value),
    percent: (ratio) => percentage.format(ratio),
    bytes: (bytes) => scaled(bytes, BYTE_UNITS),
    bitRate: (bytesPerSecond) => scaled(bytesPerSecond * BITS_PER_BYTE, RATE_UNITS),
    duration(milliseconds) {
      const first = SPANS.findIndex(({ ms }) => milliseconds >= ms);
      const shown = first === -1 ? SPANS.slice(-1) : SPANS.slice(first, first + 2);
      let rest = milliseconds;
      const parts = shown.map(({ unit, ms }) => {
        const amount = Math.floor(rest / ms);
        rest -= amount * ms;
        return { amount, text: units.get(unit)?.format(amount) ?? '' };
      });
      return parts
        .filter(({ amount }, index) => index === 0 || amount > 0)
        .map(({ text }) => text)
        .join(' ');
    },
    clock: (at) => clock.format(at),
    clockWithSeconds: (at) => clockWithSeconds.format(at),
    dateAndTime: (at) => dateAndTime.format(at),
    day: (at) => day.format(at),
    ago(at, now) {
      const elapsedMs = Math.max(0, now - at);
      const span = SPANS.find(({ ms }) => elapsedMs >= ms) ?? SPANS[3];
      return relative.format(-Math.floor(elapsedMs / span.ms), span.unit);
    },
  };
}

/** The share of what the TVs got that the provider did not have to send; null while nothing flowed. */
export function savedRatio({ fromSource, toClients }: { fromSource: number; toClients: number }): number | null {
  return toClients === 0 ? null : Math.max(0, toClients - fromSource) / toClients;
}
