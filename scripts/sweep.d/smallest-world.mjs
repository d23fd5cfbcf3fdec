/**
 * The smallest world: what is left of a world when nothing can be left out without losing what was found in it.
 */

import { FLAG_NAMES } from './drawn-keys.mjs';

/** Leaves out actors, calls, pages and settings while `shows(world)` (a promise) holds. */
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
    for (const call of actor.calls) yield withCalls(world, actor, (calls) => calls.filter((each) => each !== call));
  }
  yield* withFewerPages(world);
  for (const flag of FLAG_NAMES) if (world[flag]) yield { ...world, [flag]: undefined };
  if (world.attributes !== undefined) yield { ...world, attributes: undefined };
  for (const actor of actors) {
    for (const call of actor.calls) {
      for (const shorter of shorterCalls(call))
        yield withCalls(world, actor, (calls) => calls.map((each) => (each === call ? shorter : each)));
    }
  }
}

/** Smaller folios, fewer blocks or pages, fewer frames. */
function* withFewerPages(world) {
  const { gfns, frames, maxOrder = 0 } = world;
  const inBlock = 2 ** maxOrder;
  if (maxOrder > 0) yield { ...world, maxOrder: 0 };
  for (const first of [0, gfns / 2]) {
    const half = gfns / 2;
    // Half of the file, folios half as large where it is one block; what lies in the other half has to go first.
    if (gfns > 1 && pagesOf(world).every((gfn) => gfn >= first && gfn < first + half)) {
      const order = gfns === inBlock ? maxOrder - 1 : maxOrder;
      yield { ...moved(world, -first), gfns: half, frames: half + 2 ** order * Number(frames > gfns), maxOrder: order };
    }
  }
  if (frames > gfns) yield { ...world, frames: gfns };
}

/** The same world with all gfns moved. */
function moved(world, by) {
  const { attributes, actors } = world;
  return {
    ...world,
    attributes: attributes && Object.fromEntries(Object.entries(attributes).map(([gfn, is]) => [Number(gfn) + by, is])),
    actors: actors.map(({ name, calls }) => ({
      name: name.replace(/^AP(\d+)$/, (_, gfn) => `AP${Number(gfn) + by}`),
      calls: calls.map((call) => {
        const [[kind, argument]] = Object.entries(call);
        const gfn = gfnOf(call) + by;
        return { [kind]: typeof argument === 'number' ? gfn : { ...argument, gfn } };
      }),
    })),
  };
}

/** A range without its first or its last page. */
function* shorterCalls(call) {
  const [[name, argument]] = Object.entries(call);
  if (typeof argument === 'number' || !(argument.count > 1)) return;
  yield { [name]: { ...argument, count: argument.count - 1 } };
  yield { [name]: { ...argument, gfn: argument.gfn + 1, count: argument.count - 1 } };
}

function withCalls(world, actor, change) {
  const changed = { ...actor, calls: change(actor.calls) };
  return { ...world, actors: world.actors.map((each) => (each === actor ? changed : each)) };
}

/** The gfns that something is said about. */
function pagesOf({ attributes = {}, actors }) {
  const called = actors.flatMap(({ calls }) =>
    calls.flatMap((call) => {
      const [argument] = Object.values(call);
      return [gfnOf(call), gfnOf(call) + (argument.count ?? 1) - 1];
    }),
  );
  return [...called, ...Object.keys(attributes).map(Number)];
}

function gfnOf(call) {
  const [argument] = Object.values(call);
  return typeof argument === 'number' ? argument : argument.gfn;
}
