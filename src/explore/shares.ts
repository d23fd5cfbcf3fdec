/**
 * Shares: how many schedules of a block the stream runs, and how many the mix behind it. By arithmetic alone, so that the
 * number of a schedule, and what it is, do not depend on who runs it. Used by the engine.
 *
 * Half of the first block is the stream's, which by then has had the schedules with the fewest preemptions. In the next ones
 * the mix has three schedules to one of the stream; then nearly all are the stream's, which shall come to its end if it
 * has one near. From there on the stream is left where it holds too much, and the mix goes on alone.
 */

/** Schedules of a block. */
export interface Share {
  readonly stream: number;
  readonly mix: number;
}

const MOSTLY_MIX: Share = { stream: 64, mix: 192 };
/** The shares of the first blocks. */
const FIRST: readonly Share[] = [{ stream: 128, mix: 128 }, MOSTLY_MIX, MOSTLY_MIX, MOSTLY_MIX];
const MOSTLY_STREAM: Share = { stream: 960, mix: 64 };

/** The shares of a block while there is a stream. */
export function shareOf(block: number): Share {
  return FIRST[block] ?? MOSTLY_STREAM;
}

/** Whether a stream that has become large is left before a block. */
export function leavesStream(block: number): boolean {
  return block >= FIRST.length;
}
