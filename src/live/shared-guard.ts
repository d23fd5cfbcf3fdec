/**
 * The spin guard of a shared lock's queue.
 *
 * It is held for some dozen instructions, so whoever finds it taken spins; after a while it naps, because the holder may
 * have been preempted. A thread that dies inside leaves the guard taken for ever: the others give up once the
 * command word says that the epoch is broken, which the supervisor writes when a thread dies. Used by the shared locks only.
 */

import { Command } from './lock-layout.js';

/** Looks at a taken guard before the first nap: some microseconds. */
const SPINS = 1000;
const NAP_MS = 0.05;

/** A thread died while it changed the queue of a lock, and this one needs that queue. The epoch's locks are void. */
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

  /** Waits until it has the guard. @throws LockAbandoned when a thread died and the guard stays taken */
  enter(word: number, actor: number): void {
    const { words } = this;
    for (let spins = 0; ; spins++) {
      const owner = Atomics.compareExchange(words, word, 0, actor + 1);
      if (owner === 0) return;
      if (spins < SPINS) continue;
      if (Atomics.load(words, this.command) === Command.Broken) {
        throw new LockAbandoned(`a thread died, and the queue at word ${word} is held on behalf of actor ${owner - 1}`);
      }
      // Nobody notifies: it is not worth a look, at every leave, at who might nap.
      Atomics.wait(words, word, owner, NAP_MS);
    }
  }

  /** Leaves the guard to the next. */
  leave(word: number): void {
    Atomics.store(this.words, word, 0);
  }
}
