/**
 * Sequence counts and sequence locks: readers take no lock, and read again what a writer has changed meanwhile. Used by
 * models, through `m.seqcount` and `m.seqlock`.
 *
 * Source: include/linux/seqlock.h (v6.12). The count is odd while somebody writes; who begins to read waits until it is even,
 * and who is done compares. Without `bits` the count has no end and no value either: one bit an actor says whether it has
 * changed since that actor looked (as in token.ts), which is exact. With `bits` it is a number that wraps around.
 */

import type { Cell } from '../core/ops/cell.js';
import type { Op } from '../core/ops/op.js';
import { atomic, here, type Routine, type Steps } from '../core/ops/routine.js';
import type { Mutex } from './lock.js';
import type { Token } from './token.js';

const TWO_WRITERS = {
  kind: 'lock-misuse',
  words: 'a write section begins in another: writers have to keep each other out',
} as const;
const NO_WRITER = { kind: 'lock-misuse', words: 'a write section ends that has not begun' } as const;

/** seqcount_t: writers keep each other out by a lock of their own. A task may be in one read section of it at a time. */
export class SeqCount {
  /**
   * @param count without `bits` 1 while somebody writes, else the number
   * @param changed without `bits`: whose look is out of date
   */
  constructor(
    readonly name: string,
    readonly count: Cell,
    readonly changed: Token | undefined,
    readonly bits: number | undefined,
  ) {}

  /** read_seqcount_begin(): waits until nobody writes. Returns what `readRetry` is handed. */
  *readBegin(): Routine<number> {
    const { count, changed, name } = this;
    const label = `read_seqcount_begin(${name})`;
    if (changed === undefined) {
      return yield* count.apply<number>(label, 'number', { enabled: (n) => n % 2 === 0, result: (n) => n });
    }
    yield* atomic(label, function* () {
      yield* count.waitUntil((writing) => writing === 0);
      yield* changed.take();
    });
    return 0;
  }

  /** read_seqcount_retry(): whether a writer has been there since `readBegin`, so that what was read is worth nothing. */
  readRetry(begun: number): Op<boolean> {
    const label = `read_seqcount_retry(${this.name})`;
    if (this.changed !== undefined) return this.changed.changed().named(label);
    return this.count.apply(label, 'boolean', { result: (n) => (n === begun ? 0 : 1) });
  }

  /** Reads until nobody wrote meanwhile; what `section` returned then. What it may not do is change anything. */
  *read<T>(section: () => Steps<T>): Routine<T> {
    const again = yield* here();
    const begun = yield* this.readBegin();
    const value = yield* section();
    if (yield* this.readRetry(begun)) return yield* again();
    return value;
  }

  /** write_seqcount_begin(): the count becomes odd. A writer in another's section is a finding. */
  *writeBegin(): Routine {
    yield* this.#write('write_seqcount_begin', 0);
  }

  /** write_seqcount_end(): the count becomes even. */
  *writeEnd(): Routine {
    yield* this.#write('write_seqcount_end', 1);
  }

  *#write(what: string, parity: 0 | 1): Routine {
    const { bits, changed, count, name } = this;
    const label = `${what}(${name})`;
    const modulus = bits === undefined ? 2 : 2 ** bits;
    const op = count.apply<void>(label, 'none', {
      next: (n) => (n + 1) % modulus,
      violation: (n) => (n % 2 === parity ? undefined : parity === 0 ? TWO_WRITERS : NO_WRITER),
    });
    if (changed === undefined) yield* op;
    else {
      yield* atomic(label, function* () {
        yield* op;
        yield* changed.bump();
      });
    }
  }
}

/** seqlock_t: a sequence count and the spinlock of its writers. */
export class SeqLock {
  constructor(
    readonly name: string,
    readonly sequence: SeqCount,
    readonly lock: Mutex,
  ) {}

  /** read_seqbegin(): waits until nobody writes. Returns what `readRetry` is handed. */
  readBegin(): Routine<number> {
    return this.sequence.readBegin();
  }

  /** read_seqretry(): whether a writer has been there since `readBegin`. */
  readRetry(begun: number): Op<boolean> {
    return this.sequence.readRetry(begun);
  }

  /** Reads until nobody wrote meanwhile; what `section` returned then. */
  read<T>(section: () => Steps<T>): Routine<T> {
    return this.sequence.read(section);
  }

  /** write_seqlock(): one step to take the lock, one to make the count odd. */
  *writeLock(): Routine {
    yield* this.lock.lock();
    yield* this.sequence.writeBegin();
  }

  /** write_sequnlock() */
  *writeUnlock(): Routine {
    yield* this.sequence.writeEnd();
    yield* this.lock.unlock();
  }

  /** read_seqlock_excl(): a reader that keeps writers out, and other readers of its kind. */
  readLockExcl(): Op<void> {
    return this.lock.lock();
  }

  /** read_sequnlock_excl() */
  readUnlockExcl(): Op<void> {
    return this.lock.unlock();
  }
}
