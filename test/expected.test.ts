/**
 * Every cell of test/expected.yaml: verified, every interleaving of it; and explored within a stated number of schedules,
 * which must agree with that. And that the file leaves no cell of the matrix and no mutation out, and that its clean cells exercise what they are named for.
 */

import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { usualEngine } from '../src/cli/options/engine-options.js';
import { NODE_WORDS } from '../src/core/automaton/automaton.js';
import { moreUrgent } from '../src/core/finding-kind.js';
import type { Program } from '../src/core/program/program.js';
import { type ExploreResult, explore } from '../src/explore/explore.js';
import type { ExploreOptions } from '../src/explore/options.js';
import { type Expectation, isAsExpected, parseExpectations, scenarioName } from '../src/gmem/expectations.js';
import { gmem } from '../src/gmem/model.js';
import { applySettings } from '../src/gmem/scenarios/apply-settings.js';
import {
  type BuiltinScenarioName,
  builtinScenarioNames,
  type UsualScenarioName,
  usualScenarioNames,
} from '../src/gmem/scenarios/builtin-scenario-names.js';
import { builtinScenario } from '../src/gmem/scenarios/builtin-scenarios.js';
import { usualSchemes } from '../src/gmem/schemes/builtin-schemes.js';
import { mutations } from '../src/gmem/schemes/mutations.js';
import { type VerifyAnswer, verifyEach } from '../src/verify/verify-each.js';

const path = new URL('expected.yaml', import.meta.url);
const rows = parseExpectations(readFileSync(path, 'utf8'), 'test/expected.yaml');

/** Finds every broken cell within its first 2,000 schedules at seed 1; twice as many are allowed. */
const breaking: ExploreOptions = { strategy: 'pct', depth: 4, schedules: 4_096 };
/** The first of them: they show most cells, and agree with the search of all interleavings or the cell fails. */
const first: ExploreOptions = { ...breaking, schedules: 512 };
/** What clean cells have to survive besides the search of all interleavings: three ways to look, by turns. */
const surviving: readonly ExploreOptions[] = [
  { ...breaking, schedules: 1_024 },
  { strategy: 'pos', schedules: 512 },
  { strategy: 'random', schedules: 512 },
];

type Row = Pick<Expectation, 'scenario' | 'scheme' | 'set'>;

function modelOf({ scenario, scheme, set }: Row) {
  return gmem(applySettings(builtinScenario(scenario as BuiltinScenarioName), set), scheme);
}

function run(row: Row, options: ExploreOptions) {
  return explore(modelOf(row), { ...options, keepGoing: true, shrink: false, coverage: false });
}

function mostUrgent({ findings }: Pick<ExploreResult | VerifyAnswer, 'findings'>) {
  return findings.map(({ kind }) => kind).sort((one, other) => (moreUrgent(one, other) ? -1 : 1))[0];
}

function nameOf({ scenario, scheme, set, expect: expected }: Expectation): string {
  return `${scheme} in ${scenarioName(scenario, set)}: ${expected}`;
}

describe('every interleaving', () => {
  let answers: readonly (VerifyAnswer | undefined)[] = [];
  beforeAll(async () => {
    const { maxStates } = usualEngine;
    answers = await verifyEach(rows.map(modelOf), { all: true, coverage: false, maxStates, workers: 2 });
  }, 600_000);

  it.each(rows.map((row, place) => [nameOf(row), row, place] as const))('%s', (_, row, place) => {
    const answer = answers[place];
    if (answer === undefined) throw new Error('it was not verified');
    const kind = mostUrgent(answer);
    expect(isAsExpected(row.expect, kind), `found ${kind}`).toBe(true);
    expect(answer.stoppedBy).toBeUndefined();
    expect(answer.bound.notChecked).toEqual([]);
    expect(answer.verdict).toBe(kind === undefined ? 'verified' : 'violation');
    if (kind === undefined) expect(answer.completed).toBeGreaterThan(0);
  });
});

describe('a cell that breaks', () => {
  // An order of locks shows in no single schedule, and starvation in none that comes to an end.
  const broken = rows.filter((row) => !['clean', 'lock-order', 'starvation'].includes(row.expect));
  it.each(broken.map((row) => [nameOf(row), row] as const))('%s', async (_, row) => {
    const early = mostUrgent(await run(row, first));
    const kind = isAsExpected(row.expect, early) ? early : mostUrgent(await run(row, breaking));
    expect(isAsExpected(row.expect, kind), `found ${kind}`).toBe(true);
  });
});

/** What a worker waits at whose place in a block no folio of these worlds begins at: they are whole blocks. */
const IDLE_WORKER = /^kvm_gmem_free_work\.\d: wait on /;
/** What ends a file or frees an inode, in worlds in which somebody has it to the end. */
const IDLE_END = /^(?:\w+\.)?(?:free_inode|delayed_fput): \S+ is spawned$/;

/** The ops that no schedule executed, but for those at which nobody can come. */
function idle({ neverExecuted }: { readonly neverExecuted: readonly string[] }): readonly string[] {
  return neverExecuted.filter((each) => !IDLE_WORKER.test(each) && !IDLE_END.test(each));
}

describe('a cell that is clean', () => {
  const clean = rows.filter((row) => row.expect === 'clean');
  it.each(clean.map((row, place) => [nameOf(row), row, place] as const))('%s', async (_, row, place) => {
    const options = surviving[place % surviving.length];
    const { findings, stats } = await run(row, options);
    expect(findings).toEqual([]);
    // Every run came to its end: no schedule starves a retry loop for good, and none was given up.
    expect(stats.completed).toBe(options.schedules);
    if (usualScenarioNames.some((usual) => usual === row.scenario)) return;
    // No clean is vacuous: every op that the calls lead to runs, in these schedules or in as many as find what is broken.
    if (idle(stats).length > 0) expect(idle((await run(row, breaking)).stats)).toEqual([]);
  });
});

describe('the table', () => {
  const has = (scenario: string, scheme: string, set: string) =>
    rows.some((row) => row.scheme === scheme && scenarioName(row.scenario, row.set) === `${scenario}${set}`);

  it.each(usualScenarioNames)('has a cell for each scheme in %s', (scenario) => {
    expect(usualSchemes.map(({ name }) => name).filter((name) => !has(scenario, name, ''))).toEqual([]);
  });

  it.each(['convert-there-and-back', 'fault-vs-convert'])("has %s with the VM's own attributes, too", (scenario) => {
    const missing = usualSchemes.filter(({ name }) => !has(scenario, name, '@conversion=vm-attributes'));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  it('shows where each mutation breaks something that was whole', () => {
    const expected = (scheme: string, row: Expectation) =>
      rows.find((other) => other.scheme === scheme && scenarioName(other.scenario, other.set) === nameOfScenario(row))
        ?.expect;
    const nameOfScenario = (row: Expectation) => scenarioName(row.scenario, row.set);
    const shown = mutations.filter(({ name }) =>
      rows.some((row) => {
        const base = row.scheme.replace(`+${name}`, '');
        return base !== row.scheme && row.expect !== 'clean' && expected(base, row) === 'clean';
      }),
    );
    const harmless = mutations.filter((mutation) => !shown.includes(mutation)).map(({ name }) => name);
    // Their clean cells say why.
    expect(harmless).toEqual(['seq-after-count', 'vmsa-invalidated-late', 'bindings-replaced-first']);
    for (const name of harmless) {
      expect(rows.some(({ scheme, expect: answer }) => scheme.endsWith(`+${name}`) && answer === 'clean')).toBe(true);
    }
  });
});

/** What a scenario is named for: functions that must run, tests that must come out both ways, events never sent. */
interface Exercise {
  readonly functions: readonly string[];
  readonly bothWays: readonly string[];
  readonly never: readonly string[];
}

const fault = ['kvm_tdp_page_fault', 'kvm_gmem_get_pfn', 'sev_gmem_prepare', 'is_page_fault_stale'];
const convert = ['__kvm_gmem_set_attributes', '__kvm_gmem_invalidate_start', 'kvm_gmem_invalidate_end'];
const user = ['do_user_addr_fault', 'handle_mm_fault', 'kvm_gmem_fault_user_mapping'];
const noHost = ['HOST_READ', 'HOST_WRITE', 'PIN', 'UNPIN', 'USER_MAP', 'USER_UNMAP'];
// No usual scenario maps shared memory into the guest, has a VMSA or another owner of frames; every one has an RMP.
const always = ['FREE_AS_IS', 'MAP_SHARED', 'RMP_ABSENT', 'VMSA_USE'];
const stale = ['is_page_fault_stale: mmu_invalidate_in_progress > 0', 'is_page_fault_stale: mmu_invalidate_seq != seq'];

const exercises: Readonly<Record<UsualScenarioName, Exercise>> = {
  'fault-fault': {
    functions: fault,
    bothWays: ['kvm_gmem_get_pfn: folio_test_uptodate($i)', 'sev_gmem_prepare: snp_lookup_rmpentry($i)->assigned'],
    never: [...always, ...noHost, 'POPULATE', 'REMOVE', 'UNASSIGN', 'UNMAP'],
  },
  neighbours: {
    functions: fault,
    bothWays: ['kvm_gmem_get_pfn: folio_test_uptodate($i)', 'sev_gmem_prepare: snp_lookup_rmpentry($i)->assigned'],
    never: [...always, ...noHost, 'GUEST_READ', 'POPULATE', 'REMOVE', 'UNASSIGN', 'UNMAP'],
  },
  'fault-vs-punch': {
    functions: [
      ...fault,
      'kvm_gmem_allocate',
      'kvm_gmem_punch_hole',
      'truncate_inode_pages_range',
      'sev_gmem_invalidate',
    ],
    bothWays: [
      ...stale,
      'kvm_gmem_get_folio: folio->mapping == mapping',
      'sev_gmem_invalidate: snp_lookup_rmpentry($i)->assigned',
    ],
    never: [...always, ...noHost, 'POPULATE'],
  },
  'convert-there-and-back': {
    functions: [...fault, ...convert, 'sev_gmem_invalidate'],
    bothWays: [
      ...stale,
      'kvm_mmu_faultin_pfn: attributes is private',
      'sev_gmem_prepare: snp_lookup_rmpentry($i)->assigned',
    ],
    never: [...always, ...noHost, 'FREE', 'POPULATE', 'REMOVE'],
  },
  'fault-vs-convert': {
    functions: [...fault, ...convert, ...user, 'sev_gmem_invalidate'],
    bothWays: [...stale, 'kvm_mmu_faultin_pfn: attributes is private', 'kvm_gmem_get_pfn: folio_test_uptodate($i)'],
    never: [...always, 'HOST_READ', 'PIN', 'POPULATE', 'REMOVE', 'UNPIN', 'USER_UNMAP'],
  },
  'populate-vs-fault': {
    functions: [...fault, 'kvm_gmem_populate', 'sev_gmem_post_populate'],
    bothWays: [
      'sev_gmem_post_populate: snp_lookup_rmpentry($i)->assigned',
      'kvm_gmem_get_pfn: folio_test_uptodate($i)',
    ],
    never: [...always, ...noHost, 'GUEST_READ', 'REMOVE', 'UNASSIGN', 'UNMAP'],
  },
  'populate-vs-user-fault': {
    functions: ['kvm_gmem_populate', 'get_user_pages_fast', 'sev_gmem_post_populate', ...user, '__vm_munmap'],
    bothWays: ['__vm_munmap: down_write(mmap_lock)', '__vm_munmap: user_pte'],
    never: [
      ...always,
      ...[
        'FREE',
        'GUEST_READ',
        'GUEST_WRITE',
        'HOST_READ',
        'MAP_PRIVATE',
        'PIN',
        'REMOVE',
        'UNASSIGN',
        'UNMAP',
        'UNPIN',
      ],
    ],
  },
  'hook-fails': {
    functions: fault,
    bothWays: ['sev_gmem_prepare: RMPUPDATE fails', 'kvm_gmem_get_pfn: folio_test_uptodate($i)'],
    never: [...always, ...noHost, 'POPULATE', 'REMOVE', 'UNASSIGN', 'UNMAP'],
  },
  'user-fault-vs-convert': {
    functions: [...fault, ...convert, ...user, 'pin_user_pages_fast', 'unpin_user_page'],
    bothWays: [
      '__kvm_gmem_set_attributes: folio->_refcount == 1',
      'kvm_gmem_fault_user_mapping: attributes is private',
    ],
    never: [...always, 'HOST_READ', 'POPULATE', 'REMOVE', 'UNASSIGN', 'UNMAP'],
  },
};

describe.each(usualScenarioNames)('no clean is vacuous: %s', (scenario) => {
  const { functions, bothWays, never } = exercises[scenario];

  it.each(['v2-hook-every-fault', 'v3-inplace'])('runs its functions under %s', async (scheme) => {
    const { program } = await run({ scenario, scheme, set: {} }, breaking);
    const executed = new Set(outcomesOf(program).map(({ where }) => where));
    expect(functions.filter((name) => !executed.has(name))).toEqual([]);
  });

  it('sees its tests come out both ways, and sends the events that it can', async () => {
    const { program, stats } = await run({ scenario, scheme: 'v2-hook-every-fault', set: {} }, breaking);
    expect(bothWays.filter((test) => !comesOutBothWays(program, test))).toEqual([]);
    expect(stats.eventsNeverSent).toEqual(never.map((event) => `folio: ${event}`).sort());
    expect(stats.neverExecuted).toEqual([]);
  });
});

/** Scenarios that the usual table has no row for; that their clean cells run all of their functions is said above. */
const others = builtinScenarioNames.filter((name) => !usualScenarioNames.some((usual) => usual === name));
it.each(others)('%s has a clean cell', (scenario) => {
  const cells = rows.filter((row) => row.scenario === scenario);
  expect(cells.map(({ expect: answer }) => answer)).toContain('clean');
});

it.each(['convert-there-and-back', 'fault-vs-convert'])(
  "no clean is vacuous: %s with the VM's attributes",
  async (scenario) => {
    const set = { conversion: 'vm-attributes' };
    const { program } = await run({ scenario, scheme: 'v2-hook-every-fault', set }, breaking);
    expect(outcomesOf(program).map(({ where }) => where)).toContain('kvm_vm_set_mem_attributes');
    expect(stale.filter((test) => !comesOutBothWays(program, test))).toEqual([]);
  },
);

/** The ops that were executed: their function, their text and the results they had there. */
function outcomesOf({ automaton }: Program) {
  return automaton.infos.flatMap((info, position) => {
    const node = position * NODE_WORDS;
    if (position === 0 || info.op === undefined || !automaton.taken(node)) return [];
    const { label, region } = info.op.spec;
    const where = info.frame?.name ?? info.root.name;
    return [{ where, text: `${where}: ${label.replace('%', region?.name ?? '')}`, results: automaton.results(node) }];
  });
}

function comesOutBothWays(program: Program, test: string): boolean {
  const results = outcomesOf(program).flatMap((each) => (each.text === test ? each.results : []));
  return new Set(results).size > 1;
}
