/** What a step came to. Used by the executor and by whoever has it step. */

/**
 * What a step did, as a bit set. Violation: a check or machine refused, `executor.violation` says what. Again: the actor
 * went back to the head of a retry loop. CallEnd: it completed a call. Rests: it has finished, or has to wait now. Round: it
 * went on to a round of a loop whose values are further from the first ones, and that is no retry.
 */
export const StepFlag = { Violation: 1, Again: 2, CallEnd: 4, Rests: 8, Round: 16 } as const;
