/**
 * Barriers: nobody goes on before all have come; then it begins anew. Used by models, through `m.barrier`.
 *
 * The sense-reversing barrier: whoever comes last turns the sense over, and the others wait for that. Nobody can be two
 * rounds ahead, since the others have to come to the one between. Source: pthread_barrier_wait(3);
 * java.util.concurrent.CyclicBarrier; Mellor-Crummey and Scott, "Algorithms for scalable synchronization on
 * shared-memory multiprocessors", 1991.
 */

import type { Cell } from '../core/ops/cell.js';
import { atomic, type Routine } from '../core/ops/routine.js';

/** A barrier for so many parties. */
export class Barrier {
  constructor(
    readonly name: string,
    readonly parties: number,
    /** How many have come in this round. */
    readonly arrived: Cell,
    /** 0 and 1 by turns: the round. */
    readonly sense: Cell,
  ) {}

  /**
   * pthread_barrier_wait(): waits until all have come. True for the one that came last (PTHREAD_BARRIER_SERIAL_THREAD), who
   * does not wait; false for the others.
   */
  *wait(): Routine<boolean> {
    const { arrived, sense, parties, name } = this;
    const round = yield* atomic(`barrier_wait(${name})`, function* () {
      const others = yield* arrived.apply<number>('%++', 'number', {
        next: (count) => (count + 1) % parties,
        result: (count) => count,
      });
      if (others === parties - 1) {
        yield* sense.apply('turn %', 'none', { next: (value) => 1 - value });
        return -1;
      }
      return yield* sense.read();
    });
    if (round < 0) return true;
    yield* sense.waitUntil((value) => value !== round).named(`barrier_wait(${name}): the others`);
    return false;
  }
}
