const BITS_PER_BYTE = 8;

/** Values in bytes per second, about as many as wanted, that are round numbers of bits per second. */
export function bitSplits(least: number, most: number, wanted: number): number[] {
  const span = (most - least) * BITS_PER_BYTE;
  const rough = span / wanted;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * magnitude).find((size) => size >= rough) ?? rough;
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, index) => (index * step) / BITS_PER_BYTE);
}
