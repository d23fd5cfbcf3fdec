/**
 * Worlds drawn at random: one or two pages, one or two vCPUs, one to three host tasks, one to three calls each. The launch
 * gate holds, so populate comes before the guest runs. A world is a scenario file's content, and a function of the
 * generator's state alone.
 */

const HOST_CALLS = [
  'punch-hole',
  'allocate',
  'populate',
  'host-write',
  'host-read',
  'user-fault',
  'munmap',
  'pin',
  'unpin',
];
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
  return { [drawOf(random, ['read', 'write'])]: { gfn, as: drawOf(random, ACCESSES) } };
}

/** Conversions are what most is argued about: three draws in ten. */
function hostCall(random, gfn) {
  if (random.below(10) < 3) return { convert: { gfn, to: drawOf(random, ACCESSES) } };
  return { [drawOf(random, HOST_CALLS)]: gfn };
}

function drawOf(random, items) {
  return items[random.below(items.length)];
}
