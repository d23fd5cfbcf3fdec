/** Every built-in scenario under several schemes, with every combination of reductions: the same answers. */
import { describe, expect, it } from 'vitest';
import { builtinScenario, builtinScenarioNames, compileModel, gmem } from '../../src/index.js';
import { verify } from '../../src/verify/verify.js';
import { spaceOf } from './reference.js';

const SCHEMES = ['v2-hook-every-fault', 'bitmap-shared-lock', 'seqcount-retry'];
const COMBINATIONS = Array.from({ length: 8 }, (_, bits) => ({
  merge: (bits & 1) !== 0,
  symmetry: (bits & 2) !== 0,
  por: (bits & 4) !== 0,
}));
const GRAPH_KINDS = ['livelock', 'starvation', 'lock-order'];

describe.each(builtinScenarioNames)('%s', (scenario) => {
  it.each(SCHEMES)('%s: verdict, signatures and final states do not depend on the reductions', async (scheme) => {
    const model = gmem(builtinScenario(scenario), scheme);
    const space = spaceOf(await compileModel(model), 100_000);
    const all = new Set<string>();
    for (const combination of COMBINATIONS) {
      const result = await verify(model, { ...combination, all: true, coverage: false });
      const steps = result.findings.filter(({ kind }) => !GRAPH_KINDS.includes(kind));
      expect(steps.map(({ signature }) => signature).sort()).toEqual(space?.signatures);
      expect(result.finalStates).toBe(space?.finalStates.length);
      expect(result.stoppedBy).toBeUndefined();
      all.add(`${result.verdict} ${result.findings.map(({ signature }) => signature).sort()}`);
    }
    expect([...all]).toHaveLength(1);
  });
});
