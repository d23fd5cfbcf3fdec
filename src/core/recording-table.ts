/**
 * Recording tables: a ghost update `(ghostValue, seen) => newValue` tabulated for small values, so that an op which
 * records stays free of closures in the hot loop. Used by the executor only.
 */

const LOW = -8;
const SPAN = 32;
const UNKNOWN = -0x80000000;

/** One ghost update of one op. */
export class RecordingTable {
  readonly #table = new Int32Array(SPAN * SPAN).fill(UNKNOWN);

  constructor(
    /** The ghost's word. */
    readonly word: number,
    readonly update: (ghostValue: number, seen: number) => number,
  ) {}

  /** The ghost's new value. */
  lookup(ghostValue: number, seen: number): number {
    const row = ghostValue - LOW;
    const column = seen - LOW;
    if (row >>> 0 >= SPAN || column >>> 0 >= SPAN) return this.update(ghostValue, seen) | 0;
    const known = this.#table[row * SPAN + column];
    if (known !== UNKNOWN) return known;
    const value = this.update(ghostValue, seen) | 0;
    this.#table[row * SPAN + column] = value;
    return value;
  }
}
