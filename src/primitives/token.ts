/**
 * Tokens: "has it changed since I looked?", for sequence counts that are only compared for equality.
 *
 * One bit per actor says that its last look is out of date: exact and finite where a counter would grow. KVM's
 * mmu_invalidate_seq is one. Used by models.
 */

import { type Latch, LatchMode } from '../core/ops/latch.js';
import type { Op } from '../core/ops/op.js';
import type { Index } from '../core/ops/ref.js';

/** A sequence count of which an actor remembers at most one value at a time. */
export class Token {
  constructor(
    readonly latch: Latch,
    readonly name: string,
  ) {}

  /** The token of one object, where the token is an array. */
  at(index: Index): Token {
    return new Token(this.latch.at(index), this.name);
  }

  /** Remembers the present value. */
  take(): Op<void> {
    return this.latch.op('seq = %', { mode: LatchMode.Wait, clear: 1 });
  }

  /** Whether the value changed since this actor's last `take`; true when it never took one. */
  changed(): Op<boolean> {
    return this.latch.op('% != seq', { mode: LatchMode.Test, mine: 1 });
  }

  /** Forgets what was taken: `changed` is true until the next `take`. */
  forget(): Op<void> {
    return this.latch.op('forget %', { mode: LatchMode.Wait, set: 1 });
  }

  /** Changes the value. */
  bump(): Op<void> {
    return this.latch.op('%++', { mode: LatchMode.Wait, fill: 1 });
  }
}
