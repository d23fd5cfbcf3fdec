/**
 * Worlds drawn at random: one or two pages, one or two vCPUs, one to three host tasks, one to three calls each. The launch
 * gate holds, so populate comes before the guest runs. A world is a scenario file's content, and a function of the
 * generator's state alone.
 */

import { callKinds } from '../../dist/src/gmem/calls/registry.js';

const GUEST_CALLS = callKinds.filter(({ by }) => by === 'vcpu');
const HOST_CALLS = callKinds.filter(({ by }) => by === 'host');
const CONVERSIONS = HOST_CALLS.filter(({ takes }) => 'to' in takes);
const OTHERS = HOST_CALLS.filter(({ takes }) => !('to' in takes));
const ACCESSES = ['private', 'shared'];

/** Draws a world. `random.below(n)` gives 0 .. n-1. */
export function drawWorld(random, { conversion, arch }) {
  const gfns = random.below(4) === 0 ? 2 : 1;
  const vcpus = 1 + Number(random.below(3) === 0);
  const tasks = 1 + random.below(2) + Number(random.below(5) === 0);
  const calls = (draw) => Array.from({ length: 1 + random.below(3) }, () => draw(random.below(gfns)));
  return {
    title: 'a world drawn by scripts/sweep',
    ...{ arch, gfns, frames: gfns + random.below(2), conversion },
    attribute: drawOf(random, ACCESSES),
    hookFails: random.below(6) === 0,
    allocationFails: random.below(6) === 0,
    actors: [
      ...Array.from({ length: vcpus }, (_, i) => ({ name: `vCPU${i}`, calls: calls((gfn) => guestCall(random, gfn)) })),
      ...Array.from({ length: tasks }, (_, i) => ({ name: `task${i}`, calls: calls((gfn) => hostCall(random, gfn)) })),
    ],
  };
}

function guestCall(random, gfn) {
  return drawCall(random, drawOf(random, GUEST_CALLS), gfn);
}

/** Conversions are what most is argued about: three draws in ten. */
function hostCall(random, gfn) {
  return drawCall(random, drawOf(random, random.below(10) < 3 ? CONVERSIONS : OTHERS), gfn);
}

/** A call of a kind with all that it takes, as a scenario file writes it. */
function drawCall(random, { name, takes }, gfn) {
  const values = Object.entries(takes).map(([what, { oneOf }]) => [what, drawOf(random, oneOf)]);
  return { [name]: values.length === 0 ? gfn : { gfn, ...Object.fromEntries(values) } };
}

function drawOf(random, items) {
  return items[random.below(items.length)];
}
