/**
 * Progress of the stream; plain data. Made by its shard, summed up and reported by the engine.
 */

/** How far the stream has come. */
export interface StreamProgress {
  /** Whether none is left. */
  readonly isOut: boolean;
  /** Whether none is left and none was given up. */
  readonly isExhausted: boolean;
  /** Every schedule with at most so many preemptions was tried; -1: not even those without. */
  readonly boundDone: number;
  /** How often all began anew, because it was learned that more races. */
  readonly restarts: number;
  /** Whether it holds more than is good, and shall not be gone on with. */
  readonly isLarge: boolean;
}
