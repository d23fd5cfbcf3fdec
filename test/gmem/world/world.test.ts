/** Worlds of several files: what they are called, what they share, and how far an invalidation of an inode reaches. */
import { describe, expect, it } from 'vitest';
import type { Program } from '../../../src/core/program/program.js';
import { call } from '../../../src/core/program/program-builder.js';
import { Executor } from '../../../src/core/run/executor.js';
import { convert } from '../../../src/gmem/calls/convert.js';
import { punchHole } from '../../../src/gmem/calls/fallocate.js';
import { guestAccess } from '../../../src/gmem/calls/page-fault.js';
import { munmap, userFault } from '../../../src/gmem/calls/user-mapping.js';
import { Gmem } from '../../../src/gmem/gmem.js';
import { declareInvariants } from '../../../src/gmem/invariants.js';
import { RECORDED_WORLD } from '../../../src/gmem/parts.js';
import type { Scenario, ScenarioFile } from '../../../src/gmem/scenarios/scenario.js';
import type { Gfn, Scheme } from '../../../src/gmem/scheme.js';
import { cmpxchgTristate } from '../../../src/gmem/schemes/cmpxchg-tristate.js';
import { v1UptodatePrepared } from '../../../src/gmem/schemes/v1-uptodate-prepared.js';
import { v2HookEveryFault } from '../../../src/gmem/schemes/v2-hook-every-fault.js';
import { v3Inplace } from '../../../src/gmem/schemes/v3-inplace.js';
import { World, type WorldOptions } from '../../../src/gmem/world/world.js';
import { compileModel, defineModel, type Model } from '../../../src/model/model.js';
import { ModelBuilder } from '../../../src/model/model-builder.js';
import { verify } from '../../../src/verify/verify.js';

const scenario: Scenario = {
  name: 'files',
  title: 'a world of files',
  arch: 'none',
  gfns: 1,
  frames: 2,
  attribute: 'shared',
  attributes: ['shared'],
  conversion: 'in-place',
  gate: false,
  hookFails: false,
  allocationFails: false,
  actors: [],
};

/** One inode, of which two VMs have a file each. */
const LINKED: readonly ScenarioFile[] = [
  { vm: 0, inode: 0 },
  { vm: 1, inode: 0 },
];

const namesOf = (options: WorldOptions, differences: Partial<Scenario> = {}): string[] => {
  const m = new ModelBuilder('names', 8);
  new World(m, { ...scenario, ...differences }, v2HookEveryFault, options);
  return m.layout.regions.map(({ name }) => name);
};

type Calls = (g: Gmem) => ((gfn: Gfn) => Generator<unknown, unknown, unknown>)[];

/** Actors with their calls on gfn 0, each through the file of a number. */
function modelOf(
  actors: Readonly<Record<string, readonly [file: number, calls: Calls]>>,
  {
    files = LINKED,
    scheme = v3Inplace,
    ...differences
  }: { files?: readonly ScenarioFile[]; scheme?: Scheme } & Partial<Scenario> = {},
): Model {
  return defineModel({
    name: 'files',
    registers: 16,
    build(m) {
      const world = new World(m, { ...scenario, ...differences }, scheme, { files });
      for (const [name, [file, calls]] of Object.entries(actors)) {
        const made = calls(new Gmem(world, world.files[file]));
        m.actor(
          name,
          made.map((routine, place) => call(`${name} ${place}`, routine as never, world.gfns.id(0))),
        );
      }
      declareInvariants(m, world);
    },
  });
}

const reads = (g: Gmem) => (gfn: Gfn) => guestAccess(g, 'GUEST_READ', false, gfn);
const punches = (g: Gmem) => (gfn: Gfn) => punchHole(g, [gfn]);
const touches = (g: Gmem) => (gfn: Gfn) => userFault(g, gfn);

/** A run of actors one after the other, each to its end. */
class Run {
  readonly #executor: Executor;
  /** The regions that a step has changed. */
  readonly changed = new Set<string>();

  constructor(readonly program: Program) {
    this.#executor = new Executor(program);
  }

  by(actor: string): this {
    const { program } = this;
    const executor = this.#executor;
    const number = program.actors.findIndex(({ name }) => name === actor);
    while (executor.canRun(number) && executor.violation === undefined) {
      const before = executor.state.slice(0, program.layout.words);
      executor.step(number, 0);
      before.forEach((value, word) => {
        if (executor.state[word] !== value) this.changed.add(program.layout.regionOf(word)!.name);
      });
    }
    expect(executor.violation).toBeUndefined();
    expect(executor.callsOf(number)).toBe(program.actors[number].calls.length);
    return this;
  }

  cell(name: string): number {
    return this.#executor.state[this.program.layout.regions.find((region) => region.name === name)!.base];
  }
}

describe('the cells of a world', () => {
  const data = ['folio', 'folio->_refcount', 'folio_lock', 'i_pages', 'attributes', 'private_spte', 'shared_spte'];
  const invalidation = ['seq', 'in_progress', 'range_start', 'range_end'].map((name) => `mmu_invalidate_${name}`);
  const locks = ['slots_lock', 'mmap_lock', 'invalidate_lock', 'mmu_lock'];

  it.each(['in-place', 'vm-attributes'] as const)(
    'of one file have bare names, in the order of tokens: %s',
    (conversion) => {
      expect(namesOf({}, { conversion })).toEqual([...data, 'user_pte', 'gup_pin', ...invalidation, ...locks]);
    },
  );

  it('of a recorded run are more', () => {
    expect(namesOf({ parts: RECORDED_WORLD })).toEqual([
      ...data.slice(0, 4),
      ...[
        'nrpages',
        'attributes',
        'private_spte',
        'shared_spte',
        'tlbs',
        'ordinary_spte',
        'mappers',
        'user_pte',
        'gup_pin',
      ],
      ...[...invalidation, ...locks],
    ]);
  });

  it('of a second VM have its number, behind those of the first', () => {
    const more = namesOf({ files: LINKED }).slice(namesOf({}).length);
    const own = [
      'private_spte',
      'shared_spte',
      ...invalidation,
      'slots_lock',
      'mmu_lock',
      'user_pte',
      'gup_pin',
      'mmap_lock',
    ];
    expect(more).toEqual(own.map((name) => `vm1.${name}`));
  });

  it('of a second inode have its number, and where attributes are the VM has them', () => {
    const files = [...LINKED.slice(0, 1), { vm: 1, inode: 1 }];
    const ofInodes = (conversion: Scenario['conversion']) =>
      namesOf({ files }, { conversion }).filter((name) => name.startsWith('inode1.') || name.endsWith('attributes'));
    expect(ofInodes('in-place')).toEqual([
      'attributes',
      'inode1.i_pages',
      'inode1.attributes',
      'inode1.invalidate_lock',
    ]);
    expect(ofInodes('vm-attributes')).toEqual([
      'attributes',
      'inode1.i_pages',
      'inode1.invalidate_lock',
      'vm1.attributes',
    ]);
  });

  it.each([
    [[{ vm: 1, inode: 0 }], 'the files of a world name each vm from 0 on, and not 1'],
    [
      [
        { vm: 0, inode: 0 },
        { vm: 1, inode: 2 },
      ],
      'the files of a world name each inode from 0 on, and not 0, 2',
    ],
    [
      [
        { vm: 0, inode: 0 },
        { vm: 0, inode: 1 },
      ],
      'a VM of this model has one memslot, and so one file',
    ],
    [[], 'the files of a world name each inode from 0 on, and not none'],
  ])('are refused for files %j', (files, words) => {
    expect(() => namesOf({ files })).toThrow(words);
  });

  it('of a scheme are there once, and not for several inodes', () => {
    const files = [...LINKED.slice(0, 1), { vm: 1, inode: 1 }];
    const made = () => new World(new ModelBuilder('own', 8), scenario, cmpxchgTristate, { files });
    expect(made).toThrow(
      'scheme "cmpxchg-tristate" declares cells, and has them once: not in a world of several inodes',
    );
  });
});

describe('a punch through one of two files of an inode', () => {
  it('invalidates and zaps in both VMs, and in both VMMs', async () => {
    const program = await compileModel(
      modelOf({
        vCPU0: [0, (g) => [touches(g), reads(g)]],
        vCPU1: [1, (g) => [touches(g), reads(g)]],
        puncher: [0, (g) => [punches(g)]],
      }),
    );
    const run = new Run(program).by('vCPU0').by('vCPU1');
    const cells = ['shared_spte', 'user_pte', 'vm1.shared_spte', 'vm1.user_pte'];
    expect(cells.map((name) => run.cell(name))).toEqual([1, 1, 1, 1]);
    expect(run.cell('folio->_refcount')).toBe(3);
    run.by('puncher');
    expect(cells.map((name) => run.cell(name))).toEqual([0, 0, 0, 0]);
    expect(run.cell('folio->_refcount')).toBe(0);
    for (const vm of ['', 'vm1.']) {
      expect([run.cell(`${vm}mmu_invalidate_range_start`), run.cell(`${vm}mmu_invalidate_range_end`)]).toEqual([0, 1]);
      expect(run.cell(`${vm}mmu_invalidate_in_progress`)).toBe(0);
    }
  });

  it('is seen by faults of both, in every interleaving', async () => {
    const model = modelOf({
      vCPU0: [0, (g) => [reads(g)]],
      vCPU1: [1, (g) => [reads(g)]],
      puncher: [1, (g) => [punches(g)]],
    });
    const { verdict, findings, states } = await verify(model);
    expect(findings).toEqual([]);
    expect(verdict).toBe('verified');
    expect(states).toBeGreaterThan(1_000);
  });

  it('that reached its own VM alone would leave the other one a page that is gone', async () => {
    const narrow = (g: Gmem): Gmem => Object.defineProperty(g.with({}), 'views', { get: () => [g] });
    const model = modelOf({ vCPU0: [0, (g) => [reads(g)]], puncher: [1, (g) => [punches(narrow(g))]] });
    const { findings } = await verify(model);
    expect(findings.map(({ kind }) => kind)).toEqual(['stale-mapping']);
  });

  it('leaves what is of another inode alone', async () => {
    const files = [...LINKED.slice(0, 1), { vm: 1, inode: 1 }];
    const model = modelOf(
      { vCPU0: [0, (g) => [reads(g)]], vCPU1: [1, (g) => [reads(g)]], puncher: [0, (g) => [punches(g)]] },
      { files },
    );
    const run = new Run(await compileModel(model)).by('vCPU0').by('vCPU1').by('puncher');
    expect([run.cell('shared_spte'), run.cell('i_pages')]).toEqual([0, 0]);
    expect([run.cell('vm1.shared_spte'), run.cell('inode1.i_pages')]).toEqual([2, 2]);
  });
});

describe('two VMs on one inode', () => {
  it('share page frames and the inode, and change nothing else of each other', async () => {
    const everything = (g: Gmem) => [touches(g), reads(g), (gfn: Gfn) => munmap(g, gfn)];
    const program = await compileModel(modelOf({ one: [0, everything], other: [1, everything] }));
    const [one, other] = ['one', 'other'].map((actor) => new Run(program).by(actor).changed);
    const both = [...one].filter((name) => other.has(name));
    expect(both.sort()).toEqual(['folio', 'folio->_refcount', 'folio_lock', 'i_pages', 'invalidate_lock'].sort());
    const own = [...other].filter((name) => name.startsWith('vm1.')).map((name) => name.slice('vm1.'.length));
    expect([...one].filter((name) => !both.includes(name)).sort()).toEqual(own.sort());
    expect(own.length).toBeGreaterThan(5);
  });

  it('are both told of a conversion in place', async () => {
    const model = modelOf({
      vCPU0: [0, (g) => [reads(g)]],
      vCPU1: [1, (g) => [reads(g)]],
      converter: [0, (g) => [(gfn: Gfn) => convert(g, 'private', [gfn])]],
    });
    const run = new Run(await compileModel(model)).by('vCPU0').by('vCPU1').by('converter');
    expect([run.cell('shared_spte'), run.cell('vm1.shared_spte'), run.cell('attributes')]).toEqual([0, 0, 1]);
    const { verdict, findings } = await verify(model);
    expect(findings).toEqual([]);
    expect(verdict).toBe('verified');
  });

  it('have attributes of their own with VM attributes, and are told of their own conversions only', async () => {
    const model = modelOf(
      { converter: [1, (g) => [(gfn: Gfn) => convert(g, 'private', [gfn])]] },
      { conversion: 'vm-attributes', scheme: v1UptodatePrepared },
    );
    const run = new Run(await compileModel(model)).by('converter');
    expect([run.cell('attributes'), run.cell('vm1.attributes')]).toEqual([0, 1]);
    expect(run.changed).not.toContain('mmu_invalidate_in_progress');
    expect(run.changed).toContain('vm1.mmu_invalidate_in_progress');
    expect(run.cell('vm1.mmu_invalidate_in_progress')).toBe(0);
  });
});
