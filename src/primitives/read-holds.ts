/**
 * Read holds that are counted: of a lock whose readers may take it once more. A reader's bit in the lock says that it
 * holds it at all; how often is counted beside it, in unary. Used by the read/write locks.
 */

import { ModelError } from '../core/errors.js';
import { type Latch, LatchMode } from '../core/ops/latch.js';
import type { Op } from '../core/ops/op.js';
import { atomic, type Routine } from '../core/ops/routine.js';

/** Counts the holds of one lock. */
export class ReadHolds {
  /** @param counts as many words as a task may have holds; undefined for a lock that is declared without */
  constructor(
    readonly lock: string,
    readonly counts: Latch | undefined,
  ) {}

  /** One more hold: takes the lock by `take`, which may wait and leaves a bit that is there as it is. */
  *enter(label: string, take: Op<void>): Routine {
    const counts = this.#counts(label);
    yield* atomic(label, function* () {
      yield* take;
      yield* counts.op('one hold more', { mode: LatchMode.Enter });
    });
  }

  /** One hold less: gives the lock back by `give` if that was the last. */
  *leave(label: string, give: Op<void>): Routine {
    const counts = this.#counts(label);
    yield* atomic(label, function* () {
      yield* counts.op(label, { mode: LatchMode.Leave }, undefined, 'it does not hold the lock');
      if (!(yield* counts.op<boolean>('holds it still', { mode: LatchMode.Test, mine: 1 }))) yield* give;
    });
  }

  #counts(label: string): Latch {
    if (this.counts !== undefined) return this.counts;
    throw new ModelError(
      `${label}: the holds of ${this.lock} are not counted; declare it with { nesting: 2 }, or more`,
    );
  }
}
