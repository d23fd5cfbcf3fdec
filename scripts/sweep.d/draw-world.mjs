/**
 * Worlds drawn at random: one or two pages, or blocks of them where folios may be large, one or two vCPUs, one to three host tasks, one to three calls each. The launch
 * gate holds, so populate comes before the guest runs. A world is a scenario file's content, and a function of the
 * generator's state alone.
 */

import { callKinds } from '../../dist/src/gmem/calls/registry.js';

/** The calls that a world may have unless others are named: those that need no part which every world would pay for. */
export const USUAL_CALLS = callKinds.filter(({ needs }) => needs === undefined).map(({ name }) => name);
const ACCESSES = ['private', 'shared'];

/** Draws a world. `random.below(n)` gives 0 .. n-1. */
export function drawWorld(random, { conversion, arch, maxOrder = 0, calls: names = USUAL_CALLS }) {
  const kinds = callKinds.filter(({ name }) => names.includes(name));
  const inBlock = 2 ** maxOrder;
  const gfns = inBlock * (random.below(4) === 0 && maxOrder < 2 ? 2 : 1);
  const vcpus = 1 + Number(random.below(3) === 0);
  const tasks = 1 + random.below(2) + Number(random.below(5) === 0);
  const calls = (draw) => Array.from({ length: 1 + random.below(3) }, () => draw(random.below(gfns)));
  return {
    title: 'a world drawn by scripts/sweep',
    ...{ arch, gfns, frames: gfns + inBlock * random.below(2), conversion, maxOrder },
    attribute: drawOf(random, ACCESSES),
    hookFails: random.below(6) === 0,
    allocationFails: random.below(6) === 0,
    lruBatch: maxOrder > 0 && random.below(6) === 0,
    actors: [
      ...Array.from({ length: vcpus }, (_, i) => ({
        name: `vCPU${i}`,
        calls: calls((gfn) => guestCall(random, kinds, gfn)),
      })),
      ...Array.from({ length: tasks }, (_, i) => ({
        name: `task${i}`,
        calls: calls((gfn) => hostCall(random, kinds, gfn)),
      })),
    ],
  };
}

function guestCall(random, kinds, gfn) {
  const guest = kinds.filter(({ by }) => by === 'vcpu');
  return drawCall(random, drawOf(random, guest), gfn);
}

/** Conversions are what most is argued about: three draws in ten. */
function hostCall(random, kinds, gfn) {
  const host = kinds.filter(({ by }) => by === 'host');
  const conversions = host.filter(({ takes }) => 'to' in takes);
  const others = host.filter(({ takes }) => !('to' in takes));
  const isConversion = others.length === 0 || (random.below(10) < 3 && conversions.length > 0);
  return drawCall(random, drawOf(random, isConversion ? conversions : others), gfn);
}

/** A call of a kind with all that it takes, as a scenario file writes it. */
function drawCall(random, { name, takes }, gfn) {
  const values = Object.entries(takes).map(([what, { oneOf }]) => [what, drawOf(random, oneOf)]);
  return { [name]: values.length === 0 ? gfn : { gfn, ...Object.fromEntries(values) } };
}

function drawOf(random, items) {
  return items[random.below(items.length)];
}
