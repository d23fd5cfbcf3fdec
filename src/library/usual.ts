/**
 * The pace of live runs: how long a world lasts. Imported by the verbs that run live.
 */

import type { LivePace } from '../../live/live.js';

/**
 * Age at which a world is reset. Where actors loop, some races need a fresh one, for a page is populated once: with two
 * seeds each, v1-uptodate-prepared in populate-vs-fault broke as lost-write at this age and below, and never without.
 * Where each call is made once, a world that is so old goes round for ever, or is a long one on a busy machine.
 */
const EPOCH_MS = 1000;

/** How live runs of the command line go. */
export const livePace: LivePace = { epochMs: EPOCH_MS };
