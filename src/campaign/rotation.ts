/**
 * Rotation: which step of a campaign runs what. Step n is a function of the campaign's parameters and n alone, so that a
 * step that was cut off can be run again and nothing has to be remembered of those that are over.
 *
 * Every `worlds` steps in a row, from a multiple of their number on, visit each world once. Each time a world has been
 * visited as often as it has variants (vCPUs x perturbation x failure rate), it has been run in each of them once; then
 * they are shuffled anew. Imported by campaigns and the command line.
 */

import { Random } from '../core/random.js';
import type { CampaignParameters } from './campaign-parameters.js';

/** What a step runs. */
export interface CampaignStep {
  /** From 0. */
  readonly number: number;
  /** Position in the parameters. */
  readonly world: number;
  /** Null: as the world is written. */
  readonly vcpus: number | null;
  readonly perturb: number;
  readonly failureRate: number;
  /** Seed of the live run. */
  readonly seed: bigint;
}

/** What the rotation depends on. */
export type Rotation = Pick<CampaignParameters, 'seed' | 'perturb' | 'failureRates'> & {
  readonly worlds: readonly Pick<CampaignParameters['worlds'][number], 'vcpus'>[];
};

/** Streams of random numbers of one seed, so that orders and live seeds do not depend on each other. */
const ORDER_OF_WORLDS = 0x1000_0000_0000_0000n;
const ORDER_OF_VARIANTS = 0x2000_0000_0000_0000n;
const LIVE_SEEDS = 0x3000_0000_0000_0000n;

/** Step `number` of a campaign. */
export function stepAt({ seed, worlds, perturb, failureRates }: Rotation, number: number): CampaignStep {
  const own = BigInt(seed);
  const visit = Math.floor(number / worlds.length);
  const world = shuffled(worlds.length, new Random(own ^ ORDER_OF_WORLDS, visit))[number % worlds.length];
  const { vcpus } = worlds[world];
  const variants = vcpus.length * perturb.length * failureRates.length;
  const round = Math.floor(visit / variants);
  const order = shuffled(variants, new Random(own ^ ORDER_OF_VARIANTS ^ (BigInt(world) << 32n), round));
  const variant = order[visit % variants];
  const random = new Random(own ^ LIVE_SEEDS, number);
  return {
    ...{ number, world },
    vcpus: vcpus[variant % vcpus.length],
    perturb: perturb[Math.floor(variant / vcpus.length) % perturb.length],
    failureRate: failureRates[Math.floor(variant / (vcpus.length * perturb.length))],
    seed: (BigInt.asUintN(32, BigInt(random.next())) << 32n) | BigInt.asUintN(32, BigInt(random.next())),
  };
}

/** 0 .. count-1 in a random order (Fisher and Yates). */
function shuffled(count: number, random: Random): number[] {
  const order = Array.from({ length: count }, (_, place) => place);
  for (let place = count - 1; place > 0; place--) {
    const other = random.below(place + 1);
    [order[place], order[other]] = [order[other], order[place]];
  }
  return order;
}
