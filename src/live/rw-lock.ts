/**
 * The async read/write locks of a live run: one interface, two implementations.
 *
 * `SharedRwLocks` (shared-lock.ts) works across threads, `LocalRwLocks` (local-lock.ts) within one. A free lock is taken
 * at once and without a promise; otherwise the actor queues, in order of arrival, and `granted` turns true later. So a
 * waiting writer stops later readers, and nobody waits for ever behind a stream of others. Imported by the live engine.
 */

/** How an actor holds a lock. A mutex is a lock that is only taken in mode `write`. */
export type LockMode = 'read' | 'write';

/** An actor that holds a lock or waits for it. */
export interface LockUser {
  readonly actor: number;
  readonly mode: LockMode;
}

/**
 * All locks of one run. Locks are numbered 0 .. locks-1, actors 0 .. actors-1. An actor waits for one lock at most, and
 * only the thread that hosts it calls `tryAcquire`, `acquire`, `granted`, `cancel`, `release` and `wait` on its behalf.
 */
export interface RwLocks {
  /**
   * Takes the lock if nobody is in the way, and never queues. An actor that holds the lock in a mode that excludes the
   * one asked for just fails, as mutex_trylock() does.
   * @throws LockMisuse if the actor holds the lock for read and tries it for read
   */
  tryAcquire(lock: number, actor: number, mode: LockMode): boolean;
  /**
   * Takes the lock now (true), or queues for it (false).
   * @throws LockMisuse if the actor holds the lock already, in whichever mode
   */
  acquire(lock: number, actor: number, mode: LockMode): boolean;
  /** How often the actor holds the lock for read: more than once only by `enterAgain`. */
  depth(lock: number, actor: number): number;
  /** Takes a lock that the actor holds for read once more, at once; each hold is released by itself. */
  enterAgain(lock: number, actor: number): void;
  /** Whether the lock that the actor queued for is now its own. Says so once: it consumes the grant. */
  granted(actor: number): boolean;
  /** Leaves the queue (true); false when the lock was granted meanwhile, and then the actor holds it. */
  cancel(actor: number): boolean;
  /**
   * Gives the lock up; it goes to the head of the queue: to one writer, or to all readers up to the next writer.
   * @throws LockMisuse unless the actor holds the lock in that mode
   */
  release(lock: number, actor: number, mode: LockMode): void;
  /** Who holds the lock, ascending by actor; a grant not yet consumed counts. Exact while no lock is being changed. */
  holders(lock: number): readonly LockUser[];
  /** Who waits for the lock, first come first. Exact while no lock is being changed. */
  queue(lock: number): readonly LockUser[];
  /** Resolves when the actor need not wait any longer (`granted` tells), or when the run is interrupted. */
  wait(actor: number): Promise<void>;
  /** Frees every lock and forgets every holder and waiter: the epoch ends. No thread may use the locks meanwhile. */
  reset(): void;
}
