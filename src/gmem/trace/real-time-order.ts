/**
 * The order of recorded calls that did not overlap, as the fewest constraints that imply it.
 *
 * Imported by `scenarioOfWindow` only. A call comes before another when it had ended before the other started, or when
 * both are of one actor and it was first. This relation is closed (through an actor's own order too), so what is left
 * after dropping implied constraints recovers it exactly.
 */

import type { StartsAfter } from '../scenarios/scenario.js';
import type { TraceCall } from './trace.js';

/** How many calls of each actor, by index, had completed. */
type Completed = readonly number[];

/**
 * Returns for each call of a window (in order of `t0`) the calls of other actors it has to wait for: at most one
 * constraint an actor, none that follows from the actor's own earlier calls or from another constraint of the call.
 * `actors` are the names in the scenario's order.
 */
export function realTimeOrder(
  calls: readonly TraceCall[],
  actors: readonly string[],
): readonly (readonly StartsAfter[])[] {
  /** By actor: what had completed when its k-th call had, itself included. */
  const completedAt: Completed[][] = actors.map(() => []);
  const callsOf = actors.map((actor) => calls.filter((call) => call.actor === actor));
  return calls.map((call) => {
    const self = actors.indexOf(call.actor);
    const own = completedAt[self];
    const known = own.at(-1) ?? actors.map(() => 0);
    const needed = actors.map((_, actor) => (actor === self ? 0 : endedBefore(callsOf[actor], call.t0)));
    const added = needed
      .map((count, actor): StartsAfter => ({ actor, calls: count }))
      .filter((constraint) => constraint.calls > known[constraint.actor]);
    const implied = ({ actor, calls: count }: StartsAfter) =>
      added.some((other) => other.actor !== actor && completedAt[other.actor][other.calls - 1][actor] >= count);
    own.push(needed.map((count, actor) => (actor === self ? own.length + 1 : count)));
    return added.filter((constraint) => !implied(constraint));
  });
}

/** An actor's calls follow one another, so those that had ended are its first ones. */
function endedBefore(calls: readonly TraceCall[], time: number): number {
  const running = calls.findIndex((call) => call.t1 >= time);
  return running === -1 ? calls.length : running;
}
