/** What guest_memfd vouches for on real threads: all that this package makes, and nothing of a user's. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { NODE_WORDS } from '../../src/core/automaton/automaton.js';
import type { Program } from '../../src/core/program/program.js';
import { Random } from '../../src/core/random.js';
import { Executor } from '../../src/core/run/executor.js';
import { opClass } from '../../src/core/story/signature.js';
import { gmem } from '../../src/gmem/model.js';
import { builtinScheme, mutate } from '../../src/gmem/named-scheme.js';
import { usualScenarioNames } from '../../src/gmem/scenarios/builtin-scenario-names.js';
import { loadScenario } from '../../src/gmem/scenarios/load-scenario.js';
import type { Scheme } from '../../src/gmem/scheme.js';
import { usualSchemes } from '../../src/gmem/schemes/builtin-schemes.js';
import { mutations } from '../../src/gmem/schemes/mutations.js';
import { compileModel } from '../../src/model/model.js';

const WALKS = 5;
const STEPS = 400;

/** The exclusions of all ops that some random walks met, by op. */
function exclusionsOf(program: Program): ReadonlyMap<string, string> {
  const executor = new Executor(program);
  const random = new Random(1n, 0);
  for (let walk = 0; walk < WALKS; walk++) {
    executor.reset();
    for (let step = 0; step < STEPS && executor.runnableCount > 0; step++) {
      const actor = executor.runnable[random.below(executor.runnableCount)];
      const choices = executor.choicesOf(actor);
      executor.step(actor, choices > 1 ? random.below(choices) : 0);
      if (executor.violation !== undefined) break;
    }
  }
  const { automaton, stripes } = program;
  const found = new Map<string, string>();
  automaton.infos.forEach(({ op, atomic, striped }, id) => {
    if (op === undefined) return;
    const section = atomic === undefined ? undefined : striped ? 'striped' : 'plain';
    found.set(`${atomic ?? ''}: ${opClass(automaton, id * NODE_WORDS)}`, stripes!.exclusionOf(op, section));
  });
  return found;
}

const own = (name: string) => fileURLToPath(new URL(`../live/fixtures/${name}.mjs`, import.meta.url));
const bench = fileURLToPath(new URL('../../scripts/bench.d/fault-scheme.mjs', import.meta.url));

const vmsaFix = ['vmsa-sequence-check', 'vmsa-invalidation'].reduce(mutate, builtinScheme('v3-inplace'));
/** What the mutations of single parts need. */
const ofParts = ['mf-delayed', 'direct-map-v12'].reduce(mutate, builtinScheme('v3-inplace'));

function isPossible(scheme: Scheme, mutation: string): boolean {
  try {
    mutate(scheme, mutation);
    return true;
  } catch {
    return false;
  }
}

describe('every step of ours is known', () => {
  it.each(usualSchemes.map(({ name }) => name))('%s', async (scheme) => {
    let ops = 0;
    for (const scenario of usualScenarioNames) {
      const found = exclusionsOf(await compileModel(gmem(loadScenario(scenario), scheme)));
      expect([...found].filter(([, exclusion]) => exclusion === 'all')).toEqual([]);
      ops += found.size;
    }
    expect(ops).toBeGreaterThan(100);
  });

  it('with every mutation, too', async () => {
    let pairs = 0;
    for (const { name } of mutations) {
      const base = [...usualSchemes, vmsaFix, ofParts].find((scheme) => isPossible(scheme, name));
      if (base === undefined) continue;
      pairs++;
      for (const scenario of ['fault-vs-convert', 'fault-vs-punch'] as const) {
        const found = exclusionsOf(await compileModel(gmem(loadScenario(scenario), `${base.name}+${name}`)));
        expect([...found].filter(([, exclusion]) => exclusion === 'all')).toEqual([]);
      }
    }
    // One is of a scheme whose folios are large from the start.
    expect(pairs).toBe(mutations.length - 1);
  });

  it.each([
    ['punch-vs-reuse', 'v2-hook-every-fault'],
    ['punch-vs-reuse', 'v3-inplace+reclaim-at-last-put'],
    ['unassign-fails', 'v3-inplace+leak-unreclaimed'],
    ['populate-rejected', 'v2-hook-every-fault+remove-rejected'],
  ] as const)('where a page is taken back and somebody else gets the frame: %s under %s', async (scenario, scheme) => {
    const found = exclusionsOf(await compileModel(gmem(loadScenario(scenario), scheme)));
    expect([...found].filter(([, exclusion]) => exclusion === 'all').map(([op]) => op)).toEqual([]);
  });

  it('a processor that enters or leaves a VMSA page excludes every other step, and no other step there does', async () => {
    const found = exclusionsOf(await compileModel(gmem(loadScenario('vmsa-vs-reuse'), vmsaFix.name)));
    const alone = [...found].filter(([, exclusion]) => exclusion === 'all').map(([op]) => op.replace(/:.*/, ''));
    expect([...new Set(alone)].sort()).toEqual(['#VMEXIT', 'VMRUN']);
  });

  it.each([
    ...['memory-failure-alone', 'fault-vs-memory-failure', 'user-fault-vs-memory-failure', 'memory-failure-vs-punch'],
    ...['no-direct-map', 'pwrite-without-direct-map', 'populate-without-direct-map'],
    ...['pwrite-vs-fault', 'pwrite-vs-convert', 'launch-in-place', 'no-memory'],
  ])('in %s, which has parts of its own', async (scenario) => {
    const found = exclusionsOf(await compileModel(gmem(loadScenario(scenario), ofParts.name)));
    expect(found.size).toBeGreaterThan(3);
    expect([...found].filter(([, exclusion]) => exclusion === 'all')).toEqual([]);
  });

  it('in a scheme of a user that is made of our steps, too', async () => {
    const found = exclusionsOf(await compileModel(gmem(loadScenario('fault-vs-punch'), bench)));
    expect([...found].filter(([, exclusion]) => exclusion === 'all')).toEqual([]);
  });
});

it("a user's sections exclude every other step; a single op on a cell of their own, none", async () => {
  const found = exclusionsOf(await compileModel(gmem(loadScenario('fault-vs-punch'), own('own-section'))));
  const alone = [...found].filter(([, exclusion]) => exclusion === 'all').map(([op]) => op);
  expect(alone.length).toBeGreaterThan(0);
  for (const op of alone) expect(op).toMatch(/^(compare y and x|advance x and y): /);
  const steps = exclusionsOf(await compileModel(gmem(loadScenario('fault-vs-punch'), own('own-steps'))));
  expect(steps.get(': x')).toBe('none');
});

it('a section of ours within one of theirs is theirs', async () => {
  const found = exclusionsOf(await compileModel(gmem(loadScenario('fault-vs-punch'), own('own-around'))));
  const around = [...found].filter(([op]) => op.startsWith('look up and test: '));
  expect(around.map(([, exclusion]) => exclusion)).toEqual(['all', 'all']);
});
