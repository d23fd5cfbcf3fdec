/**
 * Exhaust: every schedule of a small model, with findings; enumeration as one more strategy of the command line.
 */

import type { Finding } from '../core/finding.js';
import type { Program } from '../core/program/program.js';
import { signatureText } from '../core/story/signature.js';
import { compileModel, type Model } from '../model/model.js';
import { type Enumeration, enumerateSchedules } from './enumerate.js';
import { findingOf } from './finding-of.js';
import type { ExploreOptions } from './options.js';
import { replaySchedule } from './replay.js';
import type { Sighting } from './shard.js';

/** What exhaust takes of explore's options; `schedules` is the limit, 10,000,000 by default. */
export type ExhaustOptions = Pick<
  ExploreOptions,
  'schedules' | 'budgetMs' | 'clock' | 'stepBound' | 'keepGoing' | 'onFinding' | 'titleOf'
>;

/** Largest step bound: the enumeration recurses once a step. */
export const MOST_EXHAUST_STEPS = 2_000;

/** What exhaust came to. */
export interface ExhaustResult {
  /** One for each signature, in the order of the schedules that showed them first. */
  readonly findings: readonly Finding[];
  readonly enumeration: Enumeration;
  readonly program: Program;
}

/** Runs all schedules, or up to the first that breaks something unless told to keep going. */
export async function exhaust(model: Model, options: ExhaustOptions = {}): Promise<ExhaustResult> {
  const { schedules, budgetMs = Number.POSITIVE_INFINITY, clock = () => 0, keepGoing = false } = options;
  const { stepBound = 1_000, onFinding, titleOf } = options;
  const start = clock();
  const program = await compileModel(model);
  const sightings = new Map<string, Sighting>();
  let ended = 0;
  const enumeration = enumerateSchedules(program, {
    ...(schedules === undefined ? {} : { limit: schedules }),
    stepBound,
    onViolation: (schedule) => {
      const { violation, signature } = replaySchedule(program, schedule);
      if (violation === undefined || signature === undefined) throw new Error('a violating run did not repeat itself');
      const text = signatureText(signature);
      if (sightings.has(text)) return;
      const sighting = { signature, violation, foundAt: ended, schedule };
      sightings.set(text, sighting);
      onFinding?.(findingOf(model, program, sighting, false, titleOf), program);
    },
    isOver: () => {
      ended++;
      return (!keepGoing && sightings.size > 0) || clock() - start >= budgetMs;
    },
  });
  const findings = [...sightings.values()].map((sighting) => findingOf(model, program, sighting, true, titleOf));
  for (const finding of findings) onFinding?.(finding, program);
  return { findings, enumeration, program };
}
