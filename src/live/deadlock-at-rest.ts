/**
 * Deadlocks of a live run, while every actor is at rest: a ring of actors that wait for each other's locks, whatever the
 * others do; or nobody left who could go on. Used by the session.
 */

import { type LiveLockWait, namedRing } from './live-finding.js';
import type { ActorState } from './messages.js';
import type { SharedMemory } from './shared-memory.js';
import { deadlockedRing, lockWaiters } from './waits-for.js';

/** Who is stuck. */
export interface DeadlockAtRest {
  /** The actors of the ring or, without one, all that should go on. */
  readonly stuck: readonly ActorState[];
  /** Empty when somebody waits for something else than a lock. */
  readonly ring: readonly LiveLockWait[];
}

/** The deadlock, if there is one. `states`: of all actors, told while all were at rest. */
export function deadlockAtRest(memory: SharedMemory, states: readonly ActorState[]): DeadlockAtRest | undefined {
  const { program } = memory;
  const ring = deadlockedRing(lockWaiters(memory.words, memory.locks)) ?? [];
  if (ring.length > 0) {
    const waiting = new Set(ring.map(({ actor }) => actor));
    const stuck = states.filter(({ actor }) => waiting.has(actor));
    return { stuck, ring: namedRing(program, ring, (lock) => memory.lockName(lock)) };
  }
  const due = states.filter(({ actor, state }) => state !== 'done' && !program.actors[actor].daemon);
  return due.length > 0 && states.every(({ state }) => state !== 'ready') ? { stuck: due, ring: [] } : undefined;
}
