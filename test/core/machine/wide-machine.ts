/**
 * Machines of any width whose regions do not see each other: a region of so many states each, with a tag, a refusal and
 * three events. Used by the tests of caches.
 */

import { type AnyStateMachine, createMachine } from 'xstate';

/** A machine with a region for each of these numbers of states. */
export function wideMachine(...sizes: readonly number[]): AnyStateMachine {
  const regions = sizes.map((size, place) => [`r${place}`, region(size, place)]);
  return createMachine({ id: 'wide', type: 'parallel', states: Object.fromEntries(regions) } as never);
}

function region(size: number, place: number) {
  const states = Array.from({ length: size }, (_, state) => {
    const on = {
      // Each region turns in its own way, and some of its last states refuse.
      FORTH: `s${(state + 1) % size}`,
      BACK: `s${(state + size - 1) % size}`,
      ODD: state === size - 1 && place % 3 === 0 ? 'no' : `s${(state * 3 + place) % size}`,
    };
    return [`s${state}`, { tags: [`t${(state + place) % 4}`], on }];
  });
  const no = { tags: ['violation'], meta: { kind: 'assertion', words: `region ${place} refuses` } };
  return { initial: 's0', states: { ...Object.fromEntries(states), no } };
}
