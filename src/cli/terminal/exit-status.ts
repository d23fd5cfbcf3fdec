/**
 * Exit statuses: what the command line tells scripts. Imported by the verbs.
 */

/** The exit statuses of `faultline`. */
export const ExitStatus = {
  /** Nothing was found within the schedules or the budget that were asked for. */
  Clean: 0,
  /**
   * A violation was found, or a cell differs from what was expected. Of every verb also when a finding could not be
   * written as it should have been, interrupted or not: then what was printed is all there is of it.
   */
  Violation: 1,
  /** The input is wrong; one sentence on stderr says what, where, and what is allowed. */
  WrongInput: 2,
  /** No answer: nothing could be run, or the answer could not be given. */
  Inconclusive: 3,
  /** Interrupted; what was found until then was printed. */
  Interrupted: 130,
} as const;

/** One of the values of ExitStatus. */
export type ExitStatusValue = (typeof ExitStatus)[keyof typeof ExitStatus];
