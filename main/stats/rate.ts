/** Longest span that rates are asked for. */
const LONGEST_SECONDS = 10;

/** How fast a number grows, told by samples taken about once a second. */
export class Rate {
  readonly #samples: { at: number; value: number }[];

  /** @param at when the number was last known not to have grown yet; milliseconds of a clock that nobody sets */
  constructor(at: number, value: number) {
    this.#samples = [{ at, value }];
  }

  sample(at: number, value: number): void {
    this.#samples.push({ at, value });
    if (this.#samples.length > LONGEST_SECONDS + 1) this.#samples.shift();
  }

  /** Growth per second over the newest samples, as many as there are of the seconds asked for. */
  perSecond(seconds: 1 | 10): number {
    const newest = this.#samples.at(-1);
    const oldest = this.#samples.at(-1 - seconds) ?? this.#samples[0];
    if (newest === undefined || oldest === undefined || newest.at <= oldest.at) return 0;
    return ((newest.value - oldest.value) * 1000) / (newest.at - oldest.at);
  }

  /** Whether it has not grown for as long as samples are kept. */
  get isStill(): boolean {
    return this.#samples.length > LONGEST_SECONDS && this.#samples[0]?.value === this.#samples.at(-1)?.value;
  }
}
