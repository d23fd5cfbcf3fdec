/**
 * Guards: whoever calls an engine may cut off work that does not come back.
 *
 * A model is code of the user's, and runs on the engine's thread: a loop in it that never ends would take budget and
 * Ctrl-C away with it. So the engines hand whatever runs such code to a guard, a slice at a time. They know no clock;
 * the guard has one. What was cut off never counts: of an object that was in the midst of its work only that is used
 * which it had put down before. Implemented by threads/watchdog.ts.
 */

import type { ModelError } from './errors.js';

/** Why work was cut off: somebody interrupts, the budget is spent, or it took longer than anything should. */
export type CutReason = 'interrupt' | 'deadline' | 'patience';

/** Thrown in the place of work that was cut off. */
export class CutOff extends Error {
  override readonly name = 'CutOff';
  /** The part of the model that did not come back, if that is why. */
  stuck: ModelError | undefined;

  /** @param afterMs how long the work had run */
  constructor(
    readonly reason: CutReason,
    readonly afterMs: number,
  ) {
    super(`cut off after ${Math.round(afterMs)} ms: ${reason}`);
  }
}

/** Runs work that may not come back. */
export interface WorkGuard {
  /**
   * Runs a piece of work on this thread and returns what it returns. Within another piece of work it is part of that.
   *
   * @param times how many times the usual patience the work may take
   * @throws CutOff when it did not come back in time; what the work throws
   */
  run<T>(work: () => T, times?: number): T;
}

/** Lets everything take its time. */
export const unguarded: WorkGuard = { run: (work) => work() };

/** How long work had run when it was cut off: `0.4 s`. */
export function ranFor({ afterMs }: CutOff): string {
  return `${(afterMs / 1000).toFixed(1)} s`;
}
