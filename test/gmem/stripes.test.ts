/** What guest_memfd vouches for on real threads: all that this package makes, and nothing of a user's. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { Field, Flag, NODE_WORDS } from '../../src/core/automaton/automaton.js';
import { accessesOf, mayWrite, type WordAccess } from '../../src/core/ops/accesses.js';
import type { Op } from '../../src/core/ops/op.js';
import { Ref } from '../../src/core/ops/ref.js';
import type { Program } from '../../src/core/program/program.js';
import { Random } from '../../src/core/random.js';
import { Executor } from '../../src/core/run/executor.js';
import { opClass } from '../../src/core/story/signature.js';
import { parseExpectations } from '../../src/gmem/expectations.js';
import { gmem } from '../../src/gmem/model.js';
import { builtinScheme, mutate } from '../../src/gmem/named-scheme.js';
import { applySettings } from '../../src/gmem/scenarios/apply-settings.js';
import { type BuiltinScenarioName, usualScenarioNames } from '../../src/gmem/scenarios/builtin-scenario-names.js';
import { builtinScenario } from '../../src/gmem/scenarios/builtin-scenarios.js';
import { loadScenario } from '../../src/gmem/scenarios/load-scenario.js';
import type { Scheme } from '../../src/gmem/scheme.js';
import { usualSchemes } from '../../src/gmem/schemes/builtin-schemes.js';
import { mutations } from '../../src/gmem/schemes/mutations.js';
import { compileModel } from '../../src/model/model.js';

const WALKS = 5;
const STEPS = 400;

/** Derives what some random walks come to. */
function walk(program: Program, walks = WALKS): void {
  const executor = new Executor(program);
  const random = new Random(1n, 0);
  for (let round = 0; round < walks; round++) {
    executor.reset();
    for (let step = 0; step < STEPS && executor.runnableCount > 0; step++) {
      const actor = executor.runnable[random.below(executor.runnableCount)];
      const choices = executor.choicesOf(actor);
      executor.step(actor, choices > 1 ? random.below(choices) : 0);
      if (executor.violation !== undefined) break;
    }
  }
}

/** The exclusions of all ops that some random walks met, by op. */
function exclusionsOf(program: Program): ReadonlyMap<string, string> {
  walk(program);
  return exclusionsMet(program);
}

function exclusionsMet({ automaton, stripes }: Program): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  automaton.infos.forEach(({ op, atomic, striped }, id) => {
    if (op === undefined) return;
    const section = atomic === undefined ? undefined : striped ? 'striped' : 'plain';
    found.set(`${atomic ?? ''}: ${opClass(automaton, id * NODE_WORDS)}`, stripes!.exclusionOf(op, section));
  });
  return found;
}

/** Which op each section begins at whose ops some random walks met, with those ops. */
function sectionsOf(program: Program): ReadonlyMap<number, readonly Op<unknown>[]> {
  walk(program);
  return sectionsMet(program);
}

function sectionsMet({ automaton }: Program): ReadonlyMap<number, readonly Op<unknown>[]> {
  const openerOf = (id: number): number =>
    (automaton.nodes[id + Field.flags] & Flag.Continues) === 0 ? id : openerOf(automaton.info(id).parent);
  const found = new Map<number, Op<unknown>[]>();
  automaton.infos.forEach(({ op, atomic }, number) => {
    if (op === undefined || atomic === undefined) return;
    const opener = openerOf(number * NODE_WORDS);
    found.set(opener, [...(found.get(opener) ?? []), op]);
  });
  return found;
}

/** The registers by which ops on words of a page's block of gfns pick it. */
function blocksOf(ops: readonly Op<unknown>[]): ReadonlySet<number> {
  const isOfGfns = /^(i_pages|(private|shared)_(spte|leaf_order)|user_pte|gup_pin)(\.\d)?$/;
  const picked = ops.flatMap(accessesOf).filter(({ region: { name } }) => isOfGfns.test(name));
  return new Set(picked.map(({ at }) => (at instanceof Ref ? at.register : -1)));
}

const own = (name: string) => fileURLToPath(new URL(`../live/fixtures/${name}.mjs`, import.meta.url));
const bench = fileURLToPath(new URL('../../scripts/bench.d/fault-scheme.mjs', import.meta.url));

const vmsaFix = ['vmsa-sequence-check', 'vmsa-invalidation'].reduce(mutate, builtinScheme('v3-inplace'));
/** What the mutations of single parts need. */
const ofUsers = mutate(builtinScheme('v3-inplace'), 'user-contexts');
const ofPamt = mutate(builtinScheme('v3-inplace'), 'pamt-put-outside');
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
    const ofLargeFolios: string[] = [];
    for (const { name } of mutations) {
      const base = [...usualSchemes, vmsaFix, ofParts, ofUsers, ofPamt].find((scheme) => isPossible(scheme, name));
      if (base === undefined) {
        ofLargeFolios.push(name);
        continue;
      }
      for (const scenario of ['fault-vs-convert', 'fault-vs-punch'] as const) {
        const found = exclusionsOf(await compileModel(gmem(loadScenario(scenario), `${base.name}+${name}`)));
        expect([...found].filter(([, exclusion]) => exclusion === 'all')).toEqual([]);
      }
    }
    // These are of schemes whose folios are large from the start.
    expect(ofLargeFolios).toEqual([
      ...['range-not-rounded', 'work-error-shadowed', 'rollback-wraps', 'poison-ignored-in-split'],
      ...['metadata-never-erased', 'metadata-erased-twice', 'waiting-read-first', 'waiting-read-behind'],
      ...['counted-on-the-list', 'pool-before-restore'],
      // And these of variants that set RMPOPT's bits, in worlds that end.
      ...['work-takes-mutex', 'shutdown-keeps-work', 'queue-pending-work', 'scan-at-destroy', 'act-once'],
    ]);
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
    ...['uffd-copy-vs-fault', 'uffd-continue', 'uffd-vs-convert', 'uffd-vs-punch'],
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

describe('what sections touch', () => {
  const expected = new URL('../expected.yaml', import.meta.url);
  const ofGfns = /^(i_pages|(private|shared)_(spte|leaf_order)|user_pte|gup_pin|lru_add_batch)$/;
  /** Words of a page frame whose section is about its block. */
  const ofBlocks = /^(rmp_2m|direct_map_4k)$/;
  /** What a scheme remembers of each page. */
  const maps = /^(prepared|page_cleared)$/;

  interface Section {
    readonly what: string;
    readonly accesses: readonly (WordAccess & { readonly name: string })[];
    /** Registers of the things whose stripes it has. */
    readonly about: ReadonlySet<number>;
  }

  /** Those that the model vouches for and random walks met; none where something makes each step exclude every other. */
  function vouchedSections(program: Program): readonly Section[] {
    if (program.stripes === undefined) return [];
    walk(program, 2);
    if ([...exclusionsMet(program).values()].includes('all')) return [];
    const { automaton } = program;
    return [...sectionsMet(program)].map(([opener, ops]) => {
      const { op, atomic, striped } = automaton.info(opener);
      const accesses = ops
        .flatMap(accessesOf)
        .map((access) => ({ ...access, name: access.region.name.replace(/\.\d$/, '') }));
      const { index } = op!.spec;
      const own = index instanceof Ref ? [index] : [];
      return {
        what: `${program.name}: ${atomic}`,
        accesses,
        about: new Set([...own, ...striped!].map(({ register }) => register)),
      };
    });
  }

  /** A world for each built-in scenario and for each part of a name of a scheme, and one whose holes are of two pages. */
  async function everySection(): Promise<readonly Section[]> {
    const met = new Set<string>();
    const models = parseExpectations(readFileSync(expected, 'utf8'), 'expected.yaml').flatMap((row) => {
      const parts = [row.scenario, ...row.scheme.split('+')];
      if (parts.every((part) => met.has(part))) return [];
      for (const part of parts) met.add(part);
      return [gmem(applySettings(builtinScenario(row.scenario as BuiltinScenarioName), row.set), row.scheme)];
    });
    const found: Section[] = [];
    for (const model of [...models, gmem(holesOfTwo(), 'v2-hook-every-fault')])
      found.push(...vouchedSections(await compileModel(model)));
    return found;
  }

  function holesOfTwo() {
    const world = loadScenario('fault-vs-punch');
    const [vcpu, host] = world.actors;
    const calls = host.calls.map(({ spec }) => ({ spec: { ...spec, count: 2 } as typeof spec }));
    return {
      ...world,
      gfns: 2,
      frames: 2,
      attributes: [...world.attributes, ...world.attributes],
      actors: [vcpu, { ...host, calls }],
    };
  }

  let sections: readonly Section[] = [];
  beforeAll(async () => {
    sections = await everySection();
  });

  it('words of other gfns than those whose stripes it has are touched by none', () => {
    const strange = sections.filter(({ accesses, about }) =>
      accesses.some(({ name, at }) => ofGfns.test(name) && !(at instanceof Ref && about.has(at.register))),
    );
    expect(strange.map(({ what }) => what)).toEqual([]);
    // A batch of pages is what there is of several gfns.
    const several = sections.filter(({ about }) => about.size > 1);
    expect(new Set(several.map(({ what }) => what.replace(/.*: /, '')))).toEqual(
      new Set(['delete_from_page_cache_batch()']),
    );
    expect(sections.length).toBeGreaterThan(100);
  });

  it('the RMP entries and the direct mapping of a block of frames change in sections that begin at it', () => {
    const changes = sections.flatMap(({ what, accesses, about }) =>
      accesses.filter((each) => ofBlocks.test(each.name) && mayWrite(each)).map(({ at }) => ({ what, at, about })),
    );
    const strange = changes.filter(({ at, about }) => !(at instanceof Ref && about.has(at.register)));
    expect(strange.map(({ what }) => what)).toEqual([]);
    expect(changes.length).toBeGreaterThan(0);
  });

  it('of a map of a scheme a section touches one word, last of all', () => {
    const touching = sections.filter(({ accesses }) => accesses.some(({ name }) => maps.test(name)));
    for (const { what, accesses } of touching)
      expect([what, accesses.findIndex(({ name }) => maps.test(name))]).toEqual([what, accesses.length - 1]);
    expect(touching.length).toBeGreaterThan(0);
  });

  it('what else they touch is what the argument names', () => {
    const names = new Set(sections.flatMap(({ accesses }) => accesses.map(({ name }) => name)));
    const others = [...names].filter((name) => !ofGfns.test(name) && !ofBlocks.test(name) && !maps.test(name));
    expect(others.sort()).toEqual([
      ...['attributes', 'block', 'folio', 'folio->_refcount', 'folio_lock', 'folio_order'],
      ...['mmu_invalidate_in_progress', 'mmu_invalidate_range_end', 'mmu_invalidate_range_start', 'mmu_invalidate_seq'],
    ]);
  });
});

describe('where folios may be large', () => {
  const prepared = 'v3d-hugetlb+prepare-first+clear-whole-folio';
  const there = ['huge-convert-back', 'v3d-hugetlb+prepare-first+clear-each-page+prepare-page'] as const;

  it('pages of two blocks leave the page cache block by block', async () => {
    const world = loadScenario('huge-punch-part');
    const punched = { gfns: 4, frames: 4, attributes: [...world.attributes, ...world.attributes] };
    const calls = [
      ...world.actors[0].calls,
      ...world.actors[0].calls.map(({ spec }) => ({ spec: { ...spec, gfn: 2 } })),
    ];
    const hole = { ...world.actors[1], calls: [{ spec: { call: 'punch-hole' as const, gfn: 0, count: 4 } }] };
    const scenario = { ...world, ...punched, actors: [{ ...world.actors[0], calls }, hole] };
    const program = await compileModel(gmem(scenario, 'v1-uptodate-prepared'));
    const removals = [...sectionsOf(program)].filter(([, ops]) =>
      ops.some(({ spec }) => spec.label?.includes('REMOVE')),
    );
    for (const [, ops] of removals) expect(blocksOf(ops).size).toBe(1);
    expect(removals.length).toBeGreaterThan(1);
  });

  it.each([
    there,
    ['huge-merge-lru', prepared],
    ['huge-punch-part', 'v3-inplace+clear-each-page'],
    ['huge-validate-vs-punch', 'v3-inplace+clear-whole-folio+return-reference'],
    ['huge-user-fault', 'v3-inplace+clear-whole-folio'],
    ['huge-populate-all', 'v2-hook-every-fault'],
  ] as const)(
    'every step is known, and begins at the block that it is about: %s under %s',
    async (...[name, scheme]) => {
      const program = await compileModel(gmem(loadScenario(name), scheme));
      const found = exclusionsOf(program);
      expect([...found].filter(([, exclusion]) => exclusion === 'all').map(([op]) => op)).toEqual([]);
      let seen = 0;
      for (const [opener, ops] of sectionsOf(program)) {
        const blocks = blocksOf(ops);
        if (blocks.size === 0) continue;
        seen++;
        const { op, atomic } = program.automaton.info(opener);
        expect([atomic, ...blocks]).toEqual([atomic, ...blocksOf([op!])]);
      }
      expect(seen).toBeGreaterThan(5);
    },
  );

  it('the order of a folio in the page cache changes in sections that begin at its gfns', async () => {
    const program = await compileModel(gmem(loadScenario(there[0]), there[1]));
    const changes = new Map<string, number>();
    for (const [opener, ops] of sectionsOf(program)) {
      const writes = ops.flatMap(accessesOf).some(({ region, how }) => region.name === 'folio_order' && how !== 'load');
      const { op, atomic } = program.automaton.info(opener);
      if (writes) changes.set(atomic!, blocksOf([op!]).size);
    }
    expect(Object.fromEntries(changes)).toMatchObject({ 'split_folio($i)': 1, 'merge_folio($i)': 1 });
    const alone = program.automaton.infos.filter(({ op, atomic }) => atomic === undefined && op !== undefined);
    const stores = alone.flatMap(({ op }) => accessesOf(op!)).filter(({ how }) => how !== 'load');
    expect(stores.map(({ region }) => region.name)).not.toContain('folio_order');
  });
});
