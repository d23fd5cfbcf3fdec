/**
 * Kept calls: the scripts that remain when calls are left out of a program.
 *
 * A shrunk finding names the calls it needs; engines and reports rebuild its actors from that. Every actor stays, if
 * with an empty script, so that schedules and holder bits keep their actor numbers.
 */

import type { After, ProgramActor } from './program.js';

/** Per actor, which calls of its script are kept, ascending. */
export type KeptCalls = readonly (readonly number[])[];

/** Every call of every actor. */
export function allCalls(actors: readonly ProgramActor[]): KeptCalls {
  return actors.map(({ calls }) => calls.map((_, position) => position));
}

/**
 * The actors with the kept calls only. A call that waits until an actor has completed its first n calls now waits for
 * those of them that are left; for none, it does not wait.
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
      calls: positions.map((position) => {
        const call = actor.calls[position];
        return { ...call, after: call.after.flatMap((constraint) => remapped(constraint, kept)) };
      }),
    };
  });
}

function remapped({ actor, calls }: After, kept: KeptCalls): After[] {
  const left = kept[actor].filter((position) => position < calls).length;
  return left === 0 ? [] : [{ actor, calls: left }];
}
