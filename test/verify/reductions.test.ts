/**
 * Every built-in scenario under schemes that are right and schemes that break, with the combinations of reductions: the
 * same verdict, signatures and final states as a search by brute force gives.
 */
import { describe, expect, it } from 'vitest';
import {
  applySettings,
  type BuiltinScenarioName,
  builtinScenario,
  compileModel,
  gmem,
  type UsualScenarioName,
  usualScenarioNames,
  type VerifyResult,
  verify,
} from '../../src/index.js';
import { spaceOf } from './reference.js';

const COMBINATIONS = Array.from({ length: 8 }, (_, bits) => ({
  merge: (bits & 1) !== 0,
  symmetry: (bits & 2) !== 0,
  por: (bits & 4) !== 0,
}));
type Combination = (typeof COMBINATIONS)[number];
const used = ({ merge, symmetry, por }: Combination) => [merge, symmetry, por].filter(Boolean).length;
/** All four ways for every two reductions in four searches: with an even number of reductions, and with an odd one. */
const PAIRWISE = [0, 1].map((parity) => COMBINATIONS.filter((combination) => used(combination) % 2 === parity));
/** By turns, so that each scenario is searched with all eight. */
let turn = 0;
const REDUCTIONS = ['merge', 'symmetry', 'por'] as const;
/** What shows in no single step, so that brute force over steps does not see it. */
const GRAPH_KINDS = ['livelock', 'starvation', 'lock-order'];

/**
 * One of each a scenario: that is all eight combinations, and whatever shares a verdict is compared by test/expected.test.ts
 * with reductions and by test/golden-states.test.ts without.
 */
const CELLS: Readonly<Record<UsualScenarioName, { readonly right: string; readonly broken: string }>> = {
  'fault-fault': { right: 'v2-hook-every-fault', broken: 'seqcount-retry' },
  neighbours: { right: 'bitmap-shared-lock', broken: 'seqcount-retry' },
  'fault-vs-punch': { right: 'bitmap-shared-lock', broken: 'seqcount-retry' },
  'convert-there-and-back': { right: 'v2-hook-every-fault', broken: 'v1-uptodate-prepared' },
  'fault-vs-convert': { right: 'v3-inplace', broken: 'bitmap-shared-lock' },
  'populate-vs-fault': { right: 'bitmap-shared-lock', broken: 'v2-hook-every-fault' },
  'populate-vs-user-fault': { right: 'seqcount-retry', broken: 'bitmap-shared-lock' },
  'hook-fails': { right: 'v2-hook-every-fault', broken: 'seqcount-retry' },
  'user-fault-vs-convert': { right: 'bitmap-shared-lock', broken: 'v2-hook-every-fault' },
};

async function expectTheSame(scenario: string, scheme: string, verdict: VerifyResult['verdict'], set = {}) {
  const model = gmem(applySettings(builtinScenario(scenario as BuiltinScenarioName), set), scheme);
  const space = spaceOf(await compileModel(model), 100_000);
  const all = new Set<string>();
  for (const combination of PAIRWISE[turn++ % 2]) {
    const result = await verify(model, { ...combination, all: true, coverage: false });
    const steps = result.findings.filter(({ kind }) => !GRAPH_KINDS.includes(kind));
    expect(steps.map(({ signature }) => signature).sort()).toEqual(space?.signatures);
    expect(result.finalStates).toBe(space?.finalStates.length);
    expect(result.finalStatesFolded).toBe(false);
    expect(result.stoppedBy).toBeUndefined();
    expect(result.verdict).toBe(verdict);
    for (const name of REDUCTIONS) if (!combination[name]) expect(result.reductions[name].used).toBe(false);
    all.add(`${result.findings.map(({ signature }) => signature).sort()}`);
  }
  expect([...all]).toHaveLength(1);
}

describe.each(usualScenarioNames)(
  'verdict, signatures and final states do not depend on the reductions: %s',
  (name) => {
    const { right, broken } = CELLS[name];
    it(`${right}, which is right`, async () => {
      await expectTheSame(name, right, 'verified');
    });
    it(`${broken}, which breaks`, async () => {
      await expectTheSame(name, broken, 'violation');
    });
  },
);

it.each(['convert-there-and-back', 'fault-vs-convert'])("nor in %s with the VM's attributes", async (scenario) => {
  await expectTheSame(scenario, 'v2-hook-every-fault', 'verified', { conversion: 'vm-attributes' });
});

it.each(REDUCTIONS)('%s is used somewhere among them, and leaves states out', async (name) => {
  const off = { merge: false, symmetry: false, por: false, all: true, coverage: false };
  const model = gmem(builtinScenario('fault-fault'), 'v2-hook-every-fault');
  const reduced = await verify(model, { ...off, [name]: true });
  expect(reduced.reductions[name].used).toBe(true);
  expect(reduced.states).toBeLessThan((await verify(model, off)).states);
});
