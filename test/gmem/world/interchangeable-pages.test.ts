/** Why verify does not take the pages of a block for one another (src/README.md, "Pages, blocks and folios"). */
import { expect, it } from 'vitest';
import type { Region } from '../../../src/core/ops/layout.js';
import type { Program } from '../../../src/core/program/program.js';
import { Executor } from '../../../src/core/run/executor.js';
import { gfnsOfCall } from '../../../src/gmem/calls/call-spec.js';
import { gmem } from '../../../src/gmem/model.js';
import { builtinScenarioNames } from '../../../src/gmem/scenarios/builtin-scenario-names.js';
import { loadScenario } from '../../../src/gmem/scenarios/load-scenario.js';
import type { Scenario } from '../../../src/gmem/scenarios/scenario.js';
import { compileModel } from '../../../src/model/model.js';

/** What tells a place in the blocks of a scenario from the others: attributes, and the calls that are about it. */
function marksOf({ gfns, attributes, actors }: Scenario, place: number, inBlock: number): string {
  const isThere = (gfn: number) => gfn % inBlock === place;
  const own = Array.from({ length: gfns }, (_, gfn) => gfn).filter(isThere);
  const calls = actors.flatMap((actor) => actor.calls.map(({ spec }) => gfnsOfCall(spec).filter(isThere).length));
  return `${own.map((gfn) => attributes[gfn])} ${calls}`;
}

/** The state with two places of every block exchanged, of gfns and of frames. */
function exchanged({ layout: { regions } }: Program, state: Int32Array, one: number, other: number): Int32Array {
  const image = state.slice();
  const take = (from: Region, to: Region) => {
    for (let word = 0; word < from.count * from.width; word++) image[to.base + word] = state[from.base + word];
  };
  for (const region of regions.filter(({ part }) => part?.place === one)) {
    const partner = regions.find(({ part }) => part?.name === region.part!.name && part.place === other)!;
    take(region, partner);
    take(partner, region);
  }
  return image;
}

function allStates(program: Program): ReadonlyMap<string, Int32Array> {
  const executor = new Executor(program);
  const seen = new Map([[executor.state.join(), executor.state.slice()]]);
  for (const state of seen.values()) {
    executor.load(state);
    for (const actor of [...executor.runnable.subarray(0, executor.runnableCount)]) {
      for (let choice = 0; choice < Math.max(1, executor.choicesOf(actor)); choice++) {
        executor.step(actor, choice);
        seen.set(executor.state.join(), seen.get(executor.state.join()) ?? executor.state.slice());
        executor.load(state);
      }
    }
  }
  return seen;
}

it('in every built-in world of large folios no two pages of a block are alike', () => {
  let worlds = 0;
  for (const scenario of builtinScenarioNames.map((name) => loadScenario(name))) {
    const inBlock = 2 ** (scenario.maxOrder ?? 0);
    if (inBlock === 1) continue;
    worlds++;
    const marks = Array.from({ length: inBlock }, (_, place) => marksOf(scenario, place, inBlock));
    // The first page stands for its folio.
    expect(new Set(marks.slice(1)).size, scenario.name).toBe(inBlock - 1);
  }
  expect(worlds).toBeGreaterThan(15);
});

it('where two are alike, a state with the two exchanged is that state, or none that can be', async () => {
  const scheme = 'v3d-hugetlb+prepare-first+clear-whole-folio+split-before-insert+clear-before-merge';
  const world = loadScenario('huge-faults-vs-convert');
  const actors = [world.actors[0], world.actors[2]].map((actor) => ({
    ...actor,
    calls: actor.calls.map(({ spec }) => ({ spec: { ...spec, gfn: 0 } })),
  }));
  const program = await compileModel(gmem({ ...world, actors }, scheme));
  const states = allStates(program);
  const images = [...states.values()].map((state) => exchanged(program, state, 1, 3).join());
  const keys = [...states.keys()];
  const moved = images.filter((image, at) => image !== keys[at]);
  expect(states.size).toBe(642);
  expect(moved.length).toBe(28);
  expect(moved.filter((image) => states.has(image))).toEqual([]);
});
