import { createSentenceWriter, type Sentence } from '../shared/sentence.ts';
import { CHINESE } from '../shared/sentences-zh.ts';

/** Everything that turns data into text, for one language. */
export type Format = {
  /** What the relay says. */
  sentence: (sentence: Sentence) => string;
  /** `12,345` */
  count: (value: number) => string;
  /** `66 %` of a ratio. */
  percent: (ratio: number) => string;
  /** `1.2 GB`, in powers of ten, as providers and routers count. */
  bytes: (bytes: number) => string;
  /** `24.3 Mbit/s` */
  bitRate: (bytesPerSecond: number) => string;
  /** `20 Mbit/s`: for axes, where round numbers stand. */
  roundBitRate: (bytesPerSecond: number) => string;
  /** `21:04` */
  clock: (time: number) => string;
  /** `21:04:37`, with the day before it when that is not today: `Nov 22, 21:04:37` */
  clockWithSeconds: (time: number) => string;
  /** `Nov 22, 21:04` */
  dateAndTime: (time: number) => string;
  /** `22/11` or `11/22`: short, for axes. */
  day: (time: number) => string;
};

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const RATE_UNITS = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'];
const BITS_PER_BYTE = 8;

/** The formats of a language, made once because making one is slow. */
export function createFormat(language: string): Format {
  const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const oneDigit = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const atMostOneDigit = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const percentage = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 });
  const time = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language, options);
  const clock = time({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const clockWithSeconds = time({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
  const dateWithSeconds = time({
    ...{ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  });
  const dateAndTime = time({ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const day = time({ month: 'numeric', day: 'numeric' });

  const scaled = (value: number, names: readonly string[], fraction = oneDigit): string => {
    const steps = value < 1000 ? 0 : Math.min(names.length - 1, Math.floor(Math.log10(value) / 3));
    const amount = value / 1000 ** steps;
    const digits = steps === 0 || amount >= 99.95 ? whole : fraction;
    return `${digits.format(amount)} ${names[steps] ?? ''}`;
  };

  return {
    sentence: language === 'zh' ? createSentenceWriter(CHINESE) : ({ text }) => text,
    count: (value) => whole.format(value),
    percent: (ratio) => percentage.format(ratio),
    bytes: (bytes) => scaled(bytes, BYTE_UNITS),
    bitRate: (bytesPerSecond) => scaled(bytesPerSecond * BITS_PER_BYTE, RATE_UNITS),
    roundBitRate: (bytesPerSecond) => scaled(bytesPerSecond * BITS_PER_BYTE, RATE_UNITS, atMostOneDigit),
    clock: (at) => clock.format(at),
    clockWithSeconds: (at) => (isToday(at) ? clockWithSeconds : dateWithSeconds).format(at),
    dateAndTime: (at) => dateAndTime.format(at),
    day: (at) => day.format(at),
  };
}

function isToday(time: number): boolean {
  return new Date(time).toDateString() === new Date().toDateString();
}

/** The share of what the TVs got that the provider did not have to send; null while nothing flowed. */
export function savedRatio({ fromSource, toClients }: { fromSource: number; toClients: number }): number | null {
  return toClients === 0 ? null : Math.max(0, toClients - fromSource) / toClients;
}
