/**
 * What the command line and the library do when nobody says otherwise. Imported by both; loads nothing.
 */

import type { LivePace } from '../live/live.js';

/** Schedules of explore where neither a number nor a budget is named. */
export const USUAL_SCHEDULES = 100_000;

/** Milliseconds of stress. */
export const USUAL_STRESS_MS = 10_000;

/**
 * Stalls of whoever does not say how many. Of four breaking cells with three seeds each, all twelve broke within 5 s at
 * this rate, ten at 0.01, seven at 0, eleven at 0.2 (two cores, 2026-11-20).
 */
export const USUAL_PERTURB = 0.05;

/**
 * Failures of whoever does not say how many. Two schemes that break when the hook fails, with three seeds each, broke
 * within 0.8 s at this rate, within 2.3 s at 0.05, within 3.8 s at 0.01, and not in 4 s at 0 (as above).
 */
export const USUAL_FAILURES = 0.2;

/**
 * Age at which a world is reset. Where actors loop, some races need a fresh one, for a page is populated once: with two
 * seeds each, v1-uptodate-prepared in populate-vs-fault broke as lost-write at this age and below, and never without.
 * Where each call is made once, a world that is so old goes round for ever, or is a long one on a busy machine.
 */
const EPOCH_MS = 1000;

/** How live runs go. */
export const livePace: LivePace = { epochMs: EPOCH_MS };
