/**
 * What stands instead of the result of an op that has none; no result of an op is as low. Imported by the live ops and the
 * executor.
 */

/** The op has to wait. */
export const LIVE_WAITS = -0x80000000;
/** The op is refused, and the ops' `violation` says why. */
export const LIVE_REFUSED = LIVE_WAITS + 1;
/** Another section disturbed the one that the op lies in. */
export const LIVE_DISTURBED = LIVE_WAITS + 2;
/** A lock is used as it may not be. The highest of them. */
export const LIVE_MISUSED = LIVE_WAITS + 3;
