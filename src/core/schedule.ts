/**
 * Schedule: what makes a run of a program repeatable. Written by the engines, read by the shrinker, the tokens and the
 * traces; imported by every floor above the core.
 */

/** One run: who stepped, and what the environment decided. */
export interface Schedule {
  /** Number of the actor that took each step. */
  readonly steps: readonly number[];
  /** Answers of `choose` ops in the order in which they were executed, each in 0 .. outcomes-1. */
  readonly choices: readonly number[];
}
