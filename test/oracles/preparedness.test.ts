/**
 * The preparedness benchmark of design/oracles.md: number of interleavings (last table but one), of final states, and
 * what a uniform random walk ends with.
 */
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/random.js';
import { enumerateSchedules } from '../../src/explore/enumerate.js';
import { explore } from '../../src/explore/explore.js';
import { RandomWalk } from '../../src/explore/random-walk.js';
import { Runner } from '../../src/explore/runner.js';
import { everythingRaces } from '../../src/explore/sharing.js';
import { compileModel } from '../../src/index.js';
import { preparedness } from './preparedness.js';

describe('the preparedness benchmark, two faults', () => {
  it.each([
    { converter: true, interleavings: 568_094 },
    { converter: false, interleavings: 11_802 },
  ])('has $interleavings interleavings; converter: $converter', async ({ converter, interleavings }) => {
    const { completed, deadlocked } = enumerateSchedules(await compileModel(preparedness.with({ converter })));
    expect({ completed, deadlocked }).toEqual({ completed: interleavings, deadlocked: 0 });
  });
});

describe('the preparedness benchmark with a converter', () => {
  it.each([
    { faults: 2, finalStates: 14 },
    { faults: 3, finalStates: 21 },
    { faults: 4, finalStates: 28 },
  ])('reaches $finalStates final states in a random walk, N = $faults', async ({ faults, finalStates }) => {
    const { stats } = await explore(preparedness.with({ faults }), { strategy: 'random', schedules: 200_000 });
    expect(stats.distinctFinalStates).toBe(finalStates);
    expect(stats.completed).toBe(200_000);
  });

  // The oracle was measured with 1.6 M runs at N = 2; five standard deviations of both samples, and its rounding.
  it.each([
    { faults: 2, percent: [21.9, 75.3, 0.03, 2.7] },
    { faults: 3, percent: [9.3, 84.6, 0.02, 6.0] },
  ])('ends with V = 0, 1, 2, 3 as often as the oracle says, N = $faults', async ({ faults, percent }) => {
    const runs = 200_000;
    const program = await compileModel(preparedness.with({ faults }));
    const v = program.layout.regions.find(({ name }) => name === 'V')!.base;
    const runner = new Runner(program, new RandomWalk(), 1_000, everythingRaces(program));
    const random = new Random(1n);
    const counts = [0, 0, 0, 0];
    for (let run = 0; run < runs; run++) {
      runner.run(random);
      counts[runner.executor.state[v]]++;
    }
    percent.forEach((expected, value) => {
      const share = expected / 100;
      const deviation = Math.sqrt(share * (1 - share) * (1 / runs + 1 / 1_600_000));
      const rounding = expected < 1 ? 0.00005 : 0.0005;
      expect(Math.abs(counts[value] / runs - share)).toBeLessThan(5 * deviation + rounding);
    });
  });
});
