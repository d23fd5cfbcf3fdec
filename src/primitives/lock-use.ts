/**
 * What the ops of locks say of them: roles of holders and waiters, promises, and what is misuse; and the words of the
 * read/write locks. Used by the locks.
 */

import { type Latch, LatchMode } from '../core/ops/latch.js';
import type { LockRole, LockUse } from '../core/ops/op.js';
import { atomic, type Routine } from '../core/ops/routine.js';

const { Wait, Try } = LatchMode;

/** What the words of a read/write lock hold, in their order. */
export const READ_WRITE_ROLES: readonly LockRole[] = ['reader', 'writer', 'queued writer'];

/** Why an op is misuse: what it takes the task has, what it gives back it has not. */
export const HELD = 'it holds the lock already';
export const NOT_HELD = 'it does not hold the lock';

/** What a lock may promise beyond what locks do. */
export interface LockPromises {
  /**
   * Who waits for the lock while others get it again and again gets it as well, as with a ticket lock, a queue, or the
   * hand-off of struct mutex and struct rw_semaphore. verify then takes no round in which that does not happen for a
   * counterexample; which states are reached is the same.
   */
  readonly fair?: boolean | undefined;
}

/** What a lock is made with: promises, and the name of what it is a part of. */
export interface LockTraits extends LockPromises {
  readonly of?: string;
}

/** What every op of a lock says of it. */
export function usesOf(roles: readonly LockRole[], { fair, of }: LockTraits): Pick<LockUse, 'fair' | 'of' | 'roles'> {
  return { roles, ...(fair === true && { fair }), ...(of !== undefined && { of }) };
}

/** The words of a read/write lock, as the fields of an update name them. */
export const READERS = 1;
export const WRITER = 2;
export const WAITERS = 4;

/** The same use of one who may give up waiting at any time. */
export function mayEnd(use: Omit<LockUse, 'name'>): Omit<LockUse, 'name'> {
  return { ...use, mayEnd: true };
}

/** A queued writer that may give up waiting: it gets the lock or is out of the queue. */
export function* leaveQueue(latch: Latch, label: string, use: Omit<LockUse, 'name'>): Routine<boolean> {
  return yield* atomic(label.replace('%', latch.region.name), function* () {
    const got = { mode: Try, empty: READERS | WRITER, set: WRITER, clear: WAITERS };
    if (yield* latch.op<boolean>(label, got, use)) return true;
    yield* latch.op('out of its queue', { mode: Wait, clear: WAITERS }, { ...use, action: 'release' });
    return false;
  });
}
