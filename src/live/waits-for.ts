/**
 * The waits-for graph of a live run, sampled while every actor is at rest: who waits for which lock, and who is in the
 * way. A ring in it is a deadlock, whatever the other actors do; waits have no time limit, so one that is seen once is
 * there for good. Used by `live`.
 */

import type { LockLayout } from './lock-layout.js';
import type { LockMode, LockUser } from './rw-lock.js';
import { SharedActors } from './shared-actors.js';

/** In the place of a lock: what an actor waits for are calls that its own comes after. */
export const EARLIER_CALLS = -1;

/** An actor that waits for a lock. */
export interface LockWaiter extends LockUser {
  readonly lock: number;
  /** Who is in its way: the holders; for a reader that readers keep waiting, the writers that wait as well. */
  readonly blockers: readonly LockUser[];
}

/** Every actor that waits for a lock, ascending. */
export function lockWaiters(words: Int32Array, layout: LockLayout): readonly LockWaiter[] {
  const actors = new SharedActors(words, layout);
  const waiting: { actor: number; lock: number; mode: LockMode }[] = [];
  for (let actor = 0; actor < layout.actors; actor++) {
    const wanted = actors.waitsFor(actor);
    if (wanted !== undefined) waiting.push({ actor, ...wanted });
  }
  return waiting.map((waiter) => {
    const holders = actors.holders(waiter.lock);
    if (waiter.mode === 'write' || holders.some(({ mode }) => mode === 'write'))
      return { ...waiter, blockers: holders };
    // Readers share, so a writer waits in between. Which one is of no account: each waits for the holders, too.
    const writers = waiting.filter(({ lock, mode }) => lock === waiter.lock && mode === 'write');
    return { ...waiter, blockers: writers.map(({ actor, mode }) => ({ actor, mode })) };
  });
}

/** The shortest ring of actors each of which waits for the next, and the last for the first; undefined if there is none. */
export function deadlockedRing(waiters: readonly LockWaiter[]): readonly LockWaiter[] | undefined {
  const byActor = new Map(waiters.map((waiter) => [waiter.actor, waiter]));
  let shortest: readonly LockWaiter[] | undefined;
  for (const start of waiters) {
    const ring = ringThrough(start, byActor);
    if (ring !== undefined && (shortest === undefined || ring.length < shortest.length)) shortest = ring;
  }
  return shortest;
}

/** Breadth first from an actor back to it. */
function ringThrough(start: LockWaiter, waiters: ReadonlyMap<number, LockWaiter>): readonly LockWaiter[] | undefined {
  const paths: LockWaiter[][] = [[start]];
  const seen = new Set([start.actor]);
  for (const path of paths) {
    for (const { actor } of path[path.length - 1].blockers) {
      if (actor === start.actor) return path;
      const next = waiters.get(actor);
      if (next === undefined || seen.has(actor)) continue;
      seen.add(actor);
      paths.push([...path, next]);
    }
  }
  return undefined;
}
