/**
 * Deadlocks of a live run, while every actor is at rest: a ring of actors that wait for each other's locks, whatever the
 * others do; or nobody left who could go on. Used by the session.
 */

import { type LiveLockWait, namedRing } from './live-finding.js';
import type { ActorState } from './messages.js';
import type { SharedMemory } from './shared-memory.js';
import { deadlockedRing, EARLIER_CALLS, lockWaiters } from './waits-for.js';

/** Who is stuck. */
export interface DeadlockAtRest {
  /** The actors of the ring or, without one, all that should go on and daemons that are in somebody's way. */
  readonly stuck: readonly ActorState[];
  /** Empty when somebody waits for something else than a lock. */
  readonly ring: readonly LiveLockWait[];
}

/** The deadlock, if there is one. `states`: of all actors, told while all were at rest. */
export function deadlockAtRest(memory: SharedMemory, states: readonly ActorState[]): DeadlockAtRest | undefined {
  const { program } = memory;
  const { latchWords } = memory;
  const waiters = [
    ...(latchWords ? [] : lockWaiters(memory.words, memory.locks)),
    ...states.flatMap(({ wait }) => (wait === undefined ? [] : [wait])),
  ];
  const ring = deadlockedRing(waiters) ?? [];
  if (ring.length > 0) {
    const waiting = new Set(ring.map(({ actor }) => actor));
    const stuck = states.filter(({ actor }) => waiting.has(actor));
    const nameOf = (lock: number): string => {
      if (lock === EARLIER_CALLS) return 'calls of others';
      return latchWords ? program.layout.nameOf(lock) : memory.lockName(lock);
    };
    return { stuck, ring: namedRing(program, ring, nameOf) };
  }
  if (states.some(({ state }) => state === 'ready')) return undefined;
  const left = states.filter(({ state }) => state !== 'done');
  if (left.every(({ actor }) => program.actors[actor].daemon)) return undefined;
  // Daemons may wait for ever, but not in somebody's way.
  const inTheWay = new Set(waiters.flatMap(({ blockers }) => blockers.map(({ actor }) => actor)));
  return { stuck: left.filter(({ actor }) => !program.actors[actor].daemon || inTheWay.has(actor)), ring: [] };
}
