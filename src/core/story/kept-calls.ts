/**
 * Kept calls: the scripts that remain when calls are left out of a program.
 *
 * A shrunk finding names the calls it needs; engines and reports rebuild its actors from that. Every actor stays, if
 * with an empty script, so that schedules and holder bits keep their actor numbers.
 */

import type { After, ProgramActor } from '../program/program.js';

/** Per actor, which calls of its script are kept, ascending. */
export type KeptCalls = readonly (readonly number[])[];

/** Every call of every actor. */
export function allCalls(actors: readonly ProgramActor[]): KeptCalls {
  return actors.map(({ calls }) => calls.map((_, position) => position));
}

/**
 * The actors with the kept calls only, in the order that the whole program allows. A call that waits until an actor has
 * completed its first n calls waits for those of them that are left; what a left-out call had to wait for, the calls
 * that had to wait for it wait for now.
 *
 * @throws RangeError when `kept` names an actor or a call that does not exist, or is not ascending
 */
export function keepCalls(actors: readonly ProgramActor[], kept: KeptCalls): readonly ProgramActor[] {
  if (kept.length !== actors.length) {
    throw new RangeError(`kept calls for ${kept.length} actors; the program has ${actors.length}`);
  }
  return actors.map((actor, number) => {
    const positions = kept[number];
    positions.forEach((position, place) => {
      if (actor.calls[position] === undefined || (place > 0 && positions[place - 1] >= position)) {
        throw new RangeError(
          `${actor.name} has calls 0 to ${actor.calls.length - 1}; kept: ${positions.join(', ')} (must ascend)`,
        );
      }
    });
    return {
      ...actor,
      calls: positions.map((position) => ({
        ...actor.calls[position],
        after: constraintsOf(actors, kept, number, position),
      })),
    };
  });
}

/** What a kept call waits for: for whatever comes before it in the whole program, as far as it is kept. */
function constraintsOf(actors: readonly ProgramActor[], kept: KeptCalls, actor: number, position: number): After[] {
  const found = new Map<number, number>();
  const visited = new Set<string>();
  const comesAfter = (other: number, count: number): void => {
    const left = kept[other].filter((call) => call < count).length;
    // Its own earlier calls are done anyway.
    if (other !== actor && left > 0) found.set(other, Math.max(left, found.get(other) ?? 0));
    for (let call = count - 1; call >= 0 && !kept[other].includes(call); call--) inherit(other, call);
  };
  const inherit = (other: number, call: number): void => {
    const key = `${other} ${call}`;
    if (visited.has(key)) return;
    visited.add(key);
    for (const constraint of actors[other].calls[call].after) comesAfter(constraint.actor, constraint.calls);
  };
  inherit(actor, position);
  comesAfter(actor, position);
  return [...found].map(([other, calls]) => ({ actor: other, calls }));
}
