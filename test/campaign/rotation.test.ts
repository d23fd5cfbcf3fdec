import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Rotation, stepAt } from '../../src/campaign/rotation.js';

const rotation = fc.record({
  seed: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  worlds: fc.array(
    fc.record({
      vcpus: fc.uniqueArray(fc.option(fc.integer({ min: 1, max: 30 })), { minLength: 1, maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  perturb: fc.uniqueArray(fc.constantFrom(0, 0.02, 0.1, 1), { minLength: 1 }),
  failureRates: fc.uniqueArray(fc.constantFrom(0, 0.1), { minLength: 1 }),
});

function variantsOf({ perturb, failureRates }: Rotation, { vcpus }: Rotation['worlds'][number]): number {
  return vcpus.length * perturb.length * failureRates.length;
}

const text = (each: object): string =>
  JSON.stringify(each, (_, value) => (typeof value === 'bigint' ? `${value}` : value));

it('a step is a function of its number', () => {
  fc.assert(
    fc.property(rotation, fc.nat(1_000_000), (campaign, number) => {
      expect(stepAt(campaign, number)).toEqual(stepAt(structuredClone(campaign), number));
    }),
  );
});

it('as many steps in a row as there are worlds visit each once', () => {
  fc.assert(
    fc.property(rotation, fc.nat(1000), (campaign, visit) => {
      const count = campaign.worlds.length;
      const worlds = Array.from({ length: count }, (_, place) => stepAt(campaign, visit * count + place).world);
      expect([...worlds].sort()).toEqual(Array.from({ length: count }, (_, world) => world));
    }),
  );
});

it('a round runs every world in every combination of vCPUs, perturbation and failure rate once', () => {
  fc.assert(
    fc.property(rotation, fc.nat(3), (campaign, round) => {
      const count = campaign.worlds.length;
      for (const [world, each] of campaign.worlds.entries()) {
        const variants = variantsOf(campaign, each);
        const visits = Array.from({ length: variants }, (_, visit) => round * variants + visit);
        const seen = visits.map((visit) => {
          const steps = Array.from({ length: count }, (_, place) => stepAt(campaign, visit * count + place));
          const { vcpus, perturb, failureRate } = steps.find((step) => step.world === world)!;
          return text({ vcpus, perturb, failureRate });
        });
        expect(new Set(seen).size).toBe(variants);
      }
    }),
    { numRuns: 50 },
  );
});

it('no two steps of a campaign have the same seed, and another campaign has others', () => {
  const campaign = { seed: '1', worlds: [{ vcpus: [null] }], perturb: [0], failureRates: [0] };
  const seeds = (seed: string) =>
    Array.from({ length: 5000 }, (_, number) => stepAt({ ...campaign, seed }, number).seed);
  expect(new Set([...seeds('1'), ...seeds('2')]).size).toBe(10_000);
});

it('rounds differ in their order', () => {
  const campaign = { seed: '1', worlds: [{ vcpus: [1, 2, 4, 8] }], perturb: [0, 0.1], failureRates: [0, 0.1] };
  const round = (number: number) =>
    Array.from({ length: 16 }, (_, place) => stepAt(campaign, 16 * number + place)).map(
      ({ vcpus, perturb, failureRate }) => text({ vcpus, perturb, failureRate }),
    );
  expect(round(0)).not.toEqual(round(1));
});
