/**
 * What the live executor is told, and what it says of a slice. Imported by the executor and by the live thread.
 */

import type { RecordableHistogram } from 'node:perf_hooks';
import type { Chooser } from './live-ops.js';
import type { LiveMode } from './live-script.js';
import type { Perturbation } from './perturbation.js';

/** How a slice ended. */
export const Outcome = {
  /** All its steps were taken, or another actor of the thread shall run instead. */
  Slice: 0,
  /** The actor waits for a lock. */
  Blocked: 1,
  /** The actor waits for a value, or for calls of others. */
  Polling: 2,
  /** The actor has made all its calls. */
  Done: 3,
  /** An op was refused: `violation` says why. */
  Refused: 4,
  /** The command word does not say Run. */
  Interrupted: 5,
  /** The actor has come to a step that the stripes of its model do not know. */
  Unknown: 6,
} as const;

/** One of the values of Outcome. */
export type OutcomeValue = (typeof Outcome)[keyof typeof Outcome];

/** What the executor needs to know besides the program. */
export interface LiveSettings {
  readonly mode: LiveMode;
  readonly seed: bigint;
  /** The random numbers of actor a are those of stream `streams` + a. Default 0. */
  readonly streams?: number;
  /** Answers choices. */
  readonly choose: Chooser;
  /** Widens windows, if at all. */
  readonly perturbation?: Perturbation | undefined;
  /** Where to record the latency, in nanoseconds, of calls of a name. */
  readonly latencyOf: (name: string) => RecordableHistogram;
}
