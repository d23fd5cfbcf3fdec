/**
 * The smallest world: what is left of a world when nothing can be left out without losing what was found in it.
 */

/** Leaves out actors, calls and settings while `shows(world)` (a promise) holds. */
export async function smallestWorld(world, shows) {
  let smallest = world;
  for (let before; before !== smallest; ) {
    before = smallest;
    for (const smaller of smallerWorlds(smallest)) {
      if (!(await shows(smaller))) continue;
      smallest = smaller;
      break;
    }
  }
  return smallest;
}

/** Worlds with one thing less, the largest things first. */
function* smallerWorlds(world) {
  const { actors } = world;
  if (actors.length > 1)
    for (const actor of actors) yield { ...world, actors: actors.filter((each) => each !== actor) };
  for (const actor of actors) {
    if (actor.calls.length === 1) continue;
    for (const call of actor.calls) {
      const calls = actor.calls.filter((each) => each !== call);
      yield { ...world, actors: actors.map((each) => (each === actor ? { ...actor, calls } : each)) };
    }
  }
  if (
    world.gfns > 1 &&
    (world.maxOrder ?? 0) === 0 &&
    !actors.some(({ calls }) => calls.some((call) => gfnOf(call) > 0))
  ) {
    yield { ...world, gfns: 1, frames: Math.min(world.frames, 2) };
  }
  if (world.frames > world.gfns) yield { ...world, frames: world.gfns };
  for (const failure of ['hookFails', 'allocationFails', 'lruBatch'])
    if (world[failure]) yield { ...world, [failure]: false };
}

function gfnOf(call) {
  const [argument] = Object.values(call);
  return typeof argument === 'number' ? argument : argument.gfn;
}
