/**
 * Pace: how much work to take between two looks at signal and clock. Used by the engines and their workers.
 */

/** Time that a slice shall take. */
const SLICE_MS = 40;

/** How much work a slice may be: at least, where there is no clock to go by, and at most. */
export interface PaceBounds {
  readonly least: number;
  readonly usual: number;
  readonly most: number;
}

/** Adapts the size of slices to how long they take; what it is changes nothing in what is done. */
export class Pace {
  /** Size of the next slice. */
  size: number;

  /** @param clock milliseconds since any moment; without one all slices are alike */
  constructor(
    readonly clock: (() => number) | undefined,
    readonly bounds: PaceBounds,
  ) {
    this.size = clock === undefined ? bounds.usual : bounds.least;
  }

  /** Takes a slice. */
  slice<T>(run: (size: number) => T): T {
    const { clock, size } = this;
    if (clock === undefined) return run(size);
    const start = clock();
    const result = run(size);
    const tookMs = clock() - start;
    if (tookMs > 2 * SLICE_MS) this.size = Math.max(this.bounds.least, size >> 1);
    else if (tookMs < SLICE_MS / 2) this.size = Math.min(this.bounds.most, size * 2);
    return result;
  }
}
