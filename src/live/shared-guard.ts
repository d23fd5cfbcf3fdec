/**
 * The spin guard of a shared lock's queue.
 *
 * It is held for some dozen instructions, so whoever finds it taken spins; after a while it naps, because the holder may
 * have been preempted. A thread that dies inside leaves the guard taken for ever: the others give up when the run is
 * stopped, which is what the supervisor does when a thread dies. Used by the shared locks only.
 */

import { Command } from './lock-layout.js';

/** Looks at a taken guard before the first nap: some microseconds. */
const SPINS = 1000;
const NAP_MS = 0.05;

/** The run was stopped while the thread waited for another that died inside a lock. The epoch's locks are void. */
export class LockAbandoned extends Error {
  override readonly name = 'LockAbandoned';
}

/** Exclusion among threads by one word that holds 0, or 1 + the actor on whose behalf it was taken. */
export class SpinGuard {
  /** @param command index of the command word */
  constructor(
    readonly words: Int32Array,
    readonly command: number,
  ) {}

  /** Waits until it has the guard. @throws LockAbandoned when the run is stopped and the guard stays taken */
  enter(word: number, actor: number): void {
    let spins = 0;
    for (;;) {
      const owner = Atomics.compareExchange(this.words, word, 0, actor + 1);
      if (owner === 0) return;
      if (++spins < SPINS) continue;
      const stopped = Atomics.load(this.words, this.command) === Command.Stop;
      // Nobody notifies: the guard is left without a look at who naps.
      const nap = Atomics.wait(this.words, word, owner, NAP_MS);
      // A live owner that was preempted comes back while we nap; only a dead one is still there after the last.
      if (stopped && nap === 'timed-out' && ++this.#napsAfterStop > NAPS_AFTER_STOP) throw new LockAbandoned('x');
    }
  }
}
