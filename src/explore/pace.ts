/**
 * Pace: how many steps to take between two looks at signal and clock. Used by the lanes and their workers.
 */

/** Time that a slice shall take. */
const SLICE_MS = 40;
const FEWEST = 1_024;
/** Without a clock: even where each step derives something new, a slice takes no second. */
const USUAL = 8_192;
const MOST = 2 ** 22;

/** Adapts the size of slices to how long they take; what it is changes nothing in what is run. */
export class Pace {
  /** Steps of the next slice. */
  steps: number;

  /** @param clock milliseconds since any moment; without one all slices are alike */
  constructor(readonly clock: (() => number) | undefined) {
    this.steps = clock === undefined ? USUAL : FEWEST;
  }

  /** Takes a slice of `steps` steps. */
  slice<T>(run: (steps: number) => T): T {
    const { clock, steps } = this;
    if (clock === undefined) return run(steps);
    const start = clock();
    const result = run(steps);
    const tookMs = clock() - start;
    if (tookMs > 2 * SLICE_MS) this.steps = Math.max(FEWEST, steps >> 1);
    else if (tookMs < SLICE_MS / 2) this.steps = Math.min(MOST, steps * 2);
    return result;
  }
}
