/**
 * A search whose states the kernel takes up comes to the same states, numbered alike, by the same steps, as one that takes
 * them up without it; and each state that the kernel takes up here is stepped by the interpreter as well.
 */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Program } from '../../src/core/program/program.js';
import { builtinScenario, compileModel, gmem, type Model, usualScenarioNames } from '../../src/index.js';
import { Groundwork } from '../../src/space/groundwork.js';
import { MemoryBudget, OutOfMemory } from '../../src/space/memory-budget.js';
import { Met, Surprise } from '../../src/space/met.js';
import { planOf } from '../../src/space/plan.js';
import { Walks } from '../../src/space/walks.js';
import type { SearchSettings } from '../../src/verify/expansion.js';
import { KernelTable } from '../../src/verify/kernel-table.js';
import { LockOrder } from '../../src/verify/lock-order.js';
import { Search } from '../../src/verify/search.js';
import { StateGraph } from '../../src/verify/state-graph.js';
import { preparednessSymmetric } from '../oracles/preparedness-symmetric.js';
import { randomModel } from './random-model.js';
import { randomSymmetricModel } from './random-symmetric-model.js';

/** Takes up every level but the first with the kernel. */
const FROM_THE_START = 2;

/** A random model may have any number of states. */
const MOST_OF_RANDOM = 2_000;

/** Where two do what one does: enough to get to the second calls. */
const MOST_OF_TWO = 8_000;

/** A scenario in which two vCPUs do what the first does: they are interchangeable. */
function byTwo(name: Parameters<typeof builtinScenario>[0], scheme: string): Model {
  const scenario = structuredClone(builtinScenario(name));
  const first = scenario.actors.findIndex(({ kind }) => kind === 'vcpu');
  const twin = { ...structuredClone(scenario.actors[first]), name: 'another vCPU' };
  return gmem({ ...scenario, actors: scenario.actors.toSpliced(first, 0, twin) }, scheme);
}

/** What is done to a search before each part of it. */
type Meddle = (search: Search) => void;

/** Built-in worlds: no reduction changes what a program does and what is met in it, and to derive that takes long. */
const grounds = new Map<string, Promise<Groundwork>>();
afterAll(() => grounds.clear());

function groundOnce(key: string, model: Model): Promise<Groundwork> {
  const ground = grounds.get(key) ?? compileModel(model).then(groundOf);
  grounds.set(key, ground);
  return ground;
}

function groundOf(program: Program): Groundwork {
  const met = new Met(program.automaton);
  new Walks(program, met).fromStart();
  return new Groundwork(program, met);
}

/** Which reductions a search uses besides merging. */
interface Wanted {
  readonly symmetry: boolean;
  readonly por: boolean;
}

const UNFOLDED: Wanted = { symmetry: false, por: false };
const FOLDED: Wanted = { symmetry: true, por: false };

function searched(
  ground: Groundwork,
  wanted: Wanted,
  settings: Partial<SearchSettings>,
  meddle: Meddle = () => {},
  most = Number.POSITIVE_INFINITY,
) {
  for (;;) {
    const { system, canonical, reduction } = planOf(ground, { merge: true, ...wanted });
    const isReduced = canonical !== undefined || reduction !== undefined;
    const graph = isReduced ? undefined : new StateGraph(system.sets);
    const locks = isReduced ? undefined : new LockOrder(system);
    const extras = { order: 'breadth-first', all: true, canonical, reduction, graph, locks } as const;
    const search = new Search(system, { ...extras, ...settings }, ground.met);
    try {
      while (!search.over && !(search.mayEnd && search.table.size > most)) {
        meddle(search);
        search.run(500, most);
      }
      return search;
    } catch (surprise) {
      if (!(surprise instanceof Surprise)) throw surprise;
      ground.met.learn(surprise.fact);
    }
  }
}

/** All states in their order: how they are packed is nobody's business. */
function digestOf({ table, packing, system }: Search): string {
  const hash = createHash('sha256');
  const state = system.initial.slice(0, system.fields);
  for (let number = 0; number < table.size; number++) {
    packing.unpack(table.keys, number * table.width, state);
    hash.update(state);
  }
  return hash.digest('hex');
}

function hashOf(numbers: Int32Array | Uint8Array): string {
  return createHash('sha256').update(numbers).digest('hex');
}

function cameTo(search: Search) {
  const { table, settings, sightings } = search;
  const { size, parents } = table;
  const { graph, locks } = settings;
  return {
    ...{ size, transitions: search.transitions, depth: search.depth, loops: search.loops },
    ...{ completed: search.completed, deadlocked: search.deadlocked },
    states: digestOf(search),
    parents: hashOf(parents.slice(0, size)),
    finalStates: sightings.finalStates.size,
    sightings: [...sightings.bySignature.values()],
    edges: graph && hashOf(graph.targets.subarray(0, graph.edges)),
    movers: graph && hashOf(graph.actors.subarray(0, graph.edges)),
    unfinished: graph && hashOf(Int32Array.from({ length: size }, (_, state) => graph.unfinished(state))),
    locks: locks?.edges,
  };
}

function expectTheSame(ground: Groundwork, wanted: Wanted, most?: number): number {
  const without = searched(ground, wanted, { kernelFrom: Number.POSITIVE_INFINITY }, undefined, most);
  const ours = searched(ground, wanted, { kernelFrom: FROM_THE_START, audits: 1 }, undefined, most);
  expect(without.table).not.toBeInstanceOf(KernelTable);
  expect(cameTo(ours)).toEqual(cameTo(without));
  return ours.table instanceof KernelTable ? 1 : 0;
}

const ALL: readonly Wanted[] = [UNFOLDED, { symmetry: false, por: true }, FOLDED, { symmetry: true, por: true }];

describe.each(ALL)('the same states in the same order, with %o', (wanted) => {
  it.each(usualScenarioNames)('%s', async (name) => {
    for (const scheme of ['v3-inplace', 'bitmap-nolock', 'v1-uptodate-prepared']) {
      const ground = await groundOnce(`${name} ${scheme}`, gmem(builtinScenario(name), scheme));
      expect(expectTheSame(ground, wanted)).toBe(1);
    }
  });

  it.each(['fault-vs-punch', 'fault-vs-convert', 'convert-there-and-back', 'hook-fails'] as const)(
    '%s by two vCPUs',
    async (name) => {
      for (const scheme of ['v3-inplace', 'bitmap-nolock', 'cmpxchg-tristate']) {
        const ground = await groundOnce(`${name} ${scheme} by two`, byTwo(name, scheme));
        expect(expectTheSame(ground, wanted, MOST_OF_TWO)).toBe(1);
      }
    },
  );

  it('preparedness', async () => {
    const ground = await groundOnce('preparedness', preparednessSymmetric.with({ faults: 4 }));
    expect(expectTheSame(ground, wanted)).toBe(wanted.symmetry ? 0 : 1);
  });
});

describe('the same states in the same order, with every reduction', () => {
  it.each([
    ['random models', randomModel],
    ['random symmetric models', randomSymmetricModel],
  ])('%s', async (_, models) => {
    const inKernel = ALL.map(() => 0);
    const property = fc.asyncProperty(models, async (model) => {
      const ground = groundOf(await compileModel(model));
      for (const [place, wanted] of ALL.entries()) inKernel[place] += expectTheSame(ground, wanted, MOST_OF_RANDOM);
    });
    await fc.assert(property, { numRuns: 15, seed: 7 });
    for (const [place, { symmetry }] of ALL.entries()) {
      // The kernel leaves to the search groups whose members have identities: all of these.
      if (symmetry && models === randomSymmetricModel) expect(inKernel[place]).toBe(0);
      else expect(inKernel[place]).toBeGreaterThan(7);
    }
  });
});

it('goes on without the kernel when its trees find no more room', async () => {
  const ground = groundOf(await compileModel(preparednessSymmetric.with({ faults: 4 })));
  const without = searched(ground, UNFOLDED, { kernelFrom: Number.POSITIVE_INFINITY });
  const given = searched(ground, UNFOLDED, { kernelFrom: FROM_THE_START }, (search) => {
    if (search.table.size > 3_000 && search.isInKernel) search.steps.moveTo(search.steps.words.slice());
  });
  expect(given.isInKernel).toBe(false);
  expect(cameTo(given)).toEqual(cameTo(without));
});

it('a leaf that was tampered with is caught by the audit', async () => {
  const ground = groundOf(await compileModel(preparednessSymmetric.with({ faults: 4 })));
  const tamper = (search: Search): void => {
    if (!search.isInKernel) return;
    const { words } = search.steps;
    for (let actor = 0; actor < search.system.actors; actor++) {
      const root = search.steps.rootOf(search.table.keys, 0, actor);
      const leaf = search.steps.leafOf(search.table.keys, 0, root, 0);
      if (leaf > 0 && words[leaf] === 1) words[leaf + 2] ^= 1;
    }
  };
  const settings = { kernelFrom: FROM_THE_START, audits: 64 };
  expect(() => searched(ground, UNFOLDED, settings, tamper)).toThrow(/a remembered step of .* is not what it does/);
});

it('a table of symmetry that was tampered with is caught by the audit', async () => {
  const ground = groundOf(await compileModel(byTwo('fault-vs-punch', 'bitmap-nolock')));
  const { system, groups } = searched(ground, FOLDED, {}, undefined, MOST_OF_TWO).settings.canonical!;
  const local = system.localBase + groups[0].actors[0];
  const tamper = (search: Search): void => {
    const { isInKernel, steps, packing } = search;
    if (!isInKernel) return;
    // The first table of values is that of the first member's local states, by which the group is sorted.
    const values = packing.valuesOf(local);
    const { words } = steps;
    let at = 0;
    while (at < steps.used && !values.every((value, code) => words[at + code] === value)) at++;
    for (let code = 0; code < values.length && at < steps.used; code++) words[at + code] = -values[code];
  };
  const settings = { kernelFrom: FROM_THE_START, audits: 1 };
  const run = () => searched(ground, FOLDED, settings, tamper, MOST_OF_TWO);
  expect(run).toThrow(/a remembered step of .* is not what it does/);
});

it('ends at the bound of memory', async () => {
  const ground = groundOf(await compileModel(preparednessSymmetric.with({ faults: 5 })));
  const settings = { kernelFrom: FROM_THE_START, memory: new MemoryBudget(1_000_000) };
  expect(() => searched(ground, UNFOLDED, settings)).toThrow(OutOfMemory);
});
