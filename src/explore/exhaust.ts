/**
 * Exhaust: every schedule of a small model, with findings; enumeration as one more strategy of the command line.
 */

import { notRepeated } from '../core/errors.js';
import type { Finding } from '../core/finding.js';
import { unguarded } from '../core/guard.js';
import type { Program } from '../core/program/program.js';
import { signatureText } from '../core/story/signature.js';
import { compileUnder, type Model } from '../model/model.js';
import { type Enumeration, enumerateSchedules } from './enumerate.js';
import { findingOf } from './finding-of.js';
import { livelockSighting } from './livelock-sighting.js';
import type { ExploreOptions } from './options.js';
import type { Sighting } from './outcomes.js';
import { replaySchedule } from './replay.js';

/** What exhaust takes of explore's options; `schedules` is the limit, 10,000,000 by default. */
export type ExhaustOptions = Pick<
  ExploreOptions,
  'schedules' | 'budgetMs' | 'clock' | 'stepBound' | 'keepGoing' | 'onFinding' | 'titleOf' | 'guard'
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

/**
 * Runs all schedules, or up to the first that breaks something unless told to keep going.
 *
 * @throws ModelError when the model breaks a rule of modelling, or does not come back (with a guard) before anything was
 * found
 */
export async function exhaust(model: Model, options: ExhaustOptions = {}): Promise<ExhaustResult> {
  const { schedules, budgetMs = Number.POSITIVE_INFINITY, clock = () => 0, keepGoing = false } = options;
  const { stepBound = 1_000, onFinding, titleOf, guard = unguarded } = options;
  const start = clock();
  const program = await compileUnder(model, guard);
  const sightings = new Map<string, Sighting>();
  const note = (sighting: Sighting): void => {
    const text = signatureText(sighting.signature);
    if (sightings.has(text)) return;
    sightings.set(text, sighting);
    onFinding?.(findingOf(model, program, sighting, undefined, titleOf), program);
  };
  let ended = 0;
  const enumeration = enumerateSchedules(program, {
    ...(schedules === undefined ? {} : { limit: schedules }),
    ...{ stepBound, guard },
    onViolation: (schedule) => {
      const { violation, signature } = replaySchedule(program, schedule);
      if (violation === undefined || signature === undefined) throw notRepeated('what breaks');
      note({ signature, violation, foundAt: ended, schedule, strategy: 'dfs' });
    },
    onLivelock: (schedule, ahead) =>
      note({ ...livelockSighting(program, ahead, schedule), foundAt: ended, strategy: 'dfs' }),
    isOver: () => {
      ended++;
      return (!keepGoing && sightings.size > 0) || clock() - start >= budgetMs;
    },
  });
  const { cut } = enumeration;
  if (cut?.stuck !== undefined && cut.reason !== 'interrupt' && sightings.size === 0) throw cut.stuck;
  const findings = [...sightings.values()].map((sighting) => findingOf(model, program, sighting, guard, titleOf));
  for (const finding of findings) onFinding?.(finding, program);
  return { findings, enumeration, program };
}
