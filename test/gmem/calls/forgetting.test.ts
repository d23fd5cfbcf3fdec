/** Parts of a call that forget what they learned, so that their histories do not multiply. */
import { describe, expect, it } from 'vitest';
import type { Routine } from '../../../src/core/ops/routine.js';
import { call } from '../../../src/core/program/program-builder.js';
import { forgetting, withFolio } from '../../../src/gmem/calls/forgetting.js';
import { Gmem } from '../../../src/gmem/gmem.js';
import type { Scenario } from '../../../src/gmem/scenarios/scenario.js';
import type { Folio, Gfn } from '../../../src/gmem/scheme.js';
import { v2HookEveryFault } from '../../../src/gmem/schemes/v2-hook-every-fault.js';
import { orderOf, placeInBlock } from '../../../src/gmem/world/folio-ref.js';
import { World } from '../../../src/gmem/world/world.js';
import { compileModel, defineModel } from '../../../src/model/model.js';
import { verify } from '../../../src/verify/verify.js';

const scenario: Scenario = {
  name: 'forgetting',
  title: 'a world in which a call asks many things',
  arch: 'none',
  gfns: 4,
  frames: 4,
  maxOrder: 1,
  attribute: 'private',
  attributes: ['private', 'private', 'private', 'private'],
  conversion: 'in-place',
  gate: false,
  hookFails: false,
  allocationFails: false,
  actors: [],
};

/** A model of one call in a world with large folios; a flag that somebody else sets and takes back may be looked at. */
function modelOf(routine: (g: Gmem, flag: () => Routine<number>, gfn: Gfn) => Routine<number>, changes = {}) {
  return defineModel({
    name: 'forgetting',
    registers: 16,
    build(m) {
      const world = new World(m, { ...scenario, ...changes }, v2HookEveryFault);
      const g = new Gmem(world);
      const cell = m.cell('flag');
      function* flag(): Routine<number> {
        return yield* cell.read();
      }
      function* setter(): Routine<number> {
        yield* cell.write(1);
        yield* cell.write(0);
        return 0;
      }
      const gfnOf = (block: Gfn) => (g.large === undefined ? block : g.large.gfn(block, 1));
      m.actor('asker', [call('asks', (block: Gfn) => routine(g, flag, gfnOf(block)), world.gfns.id(0))]);
      m.actor('setter', [call('sets', setter)]);
    },
  });
}

/** Local states of the call that asks, once every interleaving was seen. */
async function localStates(routine: Parameters<typeof modelOf>[0], changes = {}): Promise<number> {
  const model = modelOf(routine, changes);
  const { program } = await verify(model, { coverage: false, symmetry: false, por: false });
  return program.automaton.infos.length;
}

const LOOKS = 6;
function* looking(flag: () => Routine<number>): Routine {
  yield* flag();
}

describe('what was learned in a part', () => {
  it('makes no local states behind it, where folios may be large', async () => {
    const remembered = await localStates(function* (_, flag) {
      for (let look = 0; look < LOOKS; look++) yield* looking(flag);
      return 0;
    });
    const forgotten = await localStates(function* (g, flag) {
      for (let look = 0; look < LOOKS; look++) yield* forgetting(g, () => looking(flag));
      return 0;
    });
    expect(remembered).toBeGreaterThan(2 ** (LOOKS - 2));
    expect(forgotten).toBeLessThan(4 * LOOKS);
  });

  it('is remembered in other worlds, whose states are as they always were', async () => {
    const small = { maxOrder: 0 };
    const counts = await Promise.all([
      localStates(function* (_, flag) {
        for (let look = 0; look < LOOKS; look++) yield* looking(flag);
        return 0;
      }, small),
      localStates(function* (g, flag) {
        for (let look = 0; look < LOOKS; look++) yield* forgetting(g, () => looking(flag));
        return 0;
      }, small),
    ]);
    expect(counts[0]).toBe(counts[1]);
  });
});

describe('a folio that was looked up', () => {
  it.each([
    ['a large one', 1, 0],
    ['one of a page', 0, 1],
  ])('is the same when all else is forgotten: %s', async (_, order, place) => {
    const seen: [number, number][] = [];
    const model = modelOf((g, _flag, gfn) =>
      withFolio(
        g,
        gfn,
        function* () {
          const block = yield* g.large!.blocks.claim('whole', 'TAKE');
          return block === null ? -1 : g.large!.range(block, place, order);
        },
        function* (folio: Folio) {
          seen.push([orderOf(folio), placeInBlock(folio)]);
          yield* g.refcounts.at(folio).write(7);
          return 0;
        },
      ),
    );
    const { program } = await verify(model, { coverage: false });
    expect(new Set(seen.map(String))).toEqual(new Set([String([order, place])]));
    expect(program.actors[0].calls).toHaveLength(1);
  });

  it('that is none ends it with the number', async () => {
    const model = modelOf((g, _flag, gfn) =>
      withFolio(
        g,
        gfn,
        function* () {
          return -12;
        },
        function* () {
          throw new Error('there is no folio');
        },
      ),
    );
    await expect(compileModel(model)).resolves.toBeDefined();
    expect((await verify(model, { coverage: false })).verdict).toBe('verified');
  });
});
