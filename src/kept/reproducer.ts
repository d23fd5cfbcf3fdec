/**
 * Reproducer: what a live run found, as a small scenario with a schedule that shows it. Joins the cuts of guest_memfd's
 * scenarios with the search of campaigns. Imported by the verbs that run live.
 */

import { type Candidate, type ReproduceOptions, reproduce, wantedOf } from '../campaign/reproduce.js';
import type { Finding } from '../core/finding.js';
import type { Program } from '../core/program/program.js';
import { Workers } from '../explore/lanes.js';
import type { WantedFinding } from '../explore/outcomes.js';
import { type Scenario, scenarioBounds } from '../gmem/scenarios/scenario.js';
import {
  gfnsOfIdentities,
  keepScenarioCalls,
  type MadeCalls,
  scenariosAround,
  worldCallOf,
} from '../gmem/scenarios/scenarios-around.js';
import type { LiveFinding } from '../live/live-finding.js';
import { titleOf } from '../report/title.js';
import type { Subject } from '../subject/subject.js';
import { OWN_RECORD, subjectOfRecord } from '../subject/subject-of-record.js';
import { scenarioOf } from '../subject/subject-record.js';

/** A schedule that shows what a live run found. */
export interface Reproducer {
  /** The scenario that was cut out; for a user's own model the model as it is. */
  readonly subject: Subject;
  readonly finding: Finding;
  readonly program: Program;
  /**
   * Whether it breaks the same class of cells; else only the kind is the same. What a live run checks at rest, the
   * controlled engine checks in every step, and so it may stop in an earlier one.
   */
  readonly exact: boolean;
}

/** What the search for one came to. */
export interface ReproducerSearch {
  /** Undefined when the search did not reach it. */
  readonly reproducer: Reproducer | undefined;
  readonly schedules: number;
  /** Scenarios that were searched. */
  readonly candidates: number;
  /** Schedules that broke something else first, and so could not come to it. */
  readonly otherwise: number;
}

/** Options of the search. */
export type SearchOptions = Pick<ReproduceOptions, 'seed' | 'workers' | 'signal' | 'guard' | 'onProgress'> & {
  /** What is searched for, one after the other. Default: `PASSES`. */
  readonly passes?: readonly SearchPass[];
};

/** One pass over the candidates. */
export interface SearchPass {
  /** Whether the class of cells must be the same, too. */
  readonly exact: boolean;
  /** Schedules that each candidate gets in each round. */
  readonly rounds: readonly number[];
}

/** Passes of whoever names none: most findings are reached within the first round. */
const PASSES: readonly SearchPass[] = [
  { exact: true, rounds: [2_000, 10_000] },
  { exact: false, rounds: [2_000] },
  { exact: true, rounds: [50_000] },
];

/** Schedules for the scenario with the calls alone that are needed; it broke already with more of them. */
const TRIMMED_ROUNDS: readonly number[] = [2_000, 20_000];

/** A candidate with its subject. */
interface SubjectCandidate extends Candidate {
  readonly subject: Subject;
}

/** Searches the surroundings of a live finding for a schedule that shows the same kind on the same class of cells. */
export async function searchReproducer(
  world: Subject,
  found: LiveFinding,
  options: SearchOptions,
): Promise<ReproducerSearch> {
  const candidates = await candidatesOf(world, found);
  const { workers } = options;
  const isAlone = workers === 1 || candidates.every(({ model }) => model.source === undefined);
  if (isAlone || typeof workers !== 'number') return await searchAmong(candidates, found, options);
  // Each strategy of each round is a run of the engine, and threads take longer to start than most of these take.
  const shared = new Workers(workers);
  try {
    return await searchAmong(candidates, found, { ...options, workers: shared });
  } finally {
    await shared.close();
  }
}

async function searchAmong(
  candidates: readonly SubjectCandidate[],
  found: LiveFinding,
  options: SearchOptions,
): Promise<ReproducerSearch> {
  const exactly = wantedOf(found);
  let schedules = 0;
  let most = 0;
  let otherwise = 0;
  for (const { exact, rounds } of options.passes ?? PASSES) {
    if (!exact && exactly.cell === undefined) continue;
    const wanted = exact ? exactly : { kind: exactly.kind };
    const before = schedules;
    const onProgress = (now: number) => options.onProgress?.(before + now);
    const search = await reproduce(wanted, candidates, { ...options, titleOf, rounds, onProgress });
    schedules += search.schedules;
    most = Math.max(most, search.candidates);
    otherwise += search.otherwise;
    if (search.reproduction === undefined) continue;
    const { candidate, finding, program } = search.reproduction;
    const whole: Reproducer = { subject: candidate.subject, finding, program, exact };
    const trimmed = await withoutSpareCalls(whole, wanted, options);
    schedules += trimmed.schedules;
    return { reproducer: trimmed.reproducer ?? whole, schedules, candidates: most, otherwise };
  }
  return { reproducer: undefined, schedules, candidates: most, otherwise };
}

/** The cuts, smallest first, and last the world itself: the calls that did it may be longer ago than is remembered. */
async function candidatesOf(world: Subject, found: LiveFinding): Promise<SubjectCandidate[]> {
  const own: SubjectCandidate = { what: `${world.scenario} itself`, subject: world, model: world.model };
  const { record } = world;
  if (record.model !== 'guest_memfd') return [own];
  const scenario = scenarioOf(record);
  const cuts = scenariosAround(scenario, madeCalls(scenario, found), brokenGfns(scenario, found));
  const candidates = await Promise.all(cuts.map(async (cut) => candidateOf(world, cut.what, cut.scenario)));
  // A crowd is more than a controlled engine takes.
  return scenario.actors.length <= scenarioBounds.actors ? [...candidates, own] : candidates;
}

async function candidateOf({ record }: Subject, what: string, scenario: Scenario): Promise<SubjectCandidate> {
  if (record.model !== 'guest_memfd') throw new Error('only scenarios of guest_memfd can be cut');
  // Plain data of that shape, but for lists that are read-only on our side.
  const cut = structuredClone(scenario) as unknown as typeof record.scenario;
  const subject = await subjectOfRecord({ ...record, scenario: cut, settings: {} }, OWN_RECORD);
  return { what, subject, model: subject.model };
}

/** What the vCPUs and host tasks did last; actors behind those of the scenario are the model's own. */
function madeCalls(scenario: Scenario, { actors }: LiveFinding): MadeCalls[] {
  return actors
    .filter(({ actor }) => actor < scenario.actors.length)
    .map(({ actor, completed, inFlight }) => ({
      actor,
      calls: [...completed, ...(inFlight === undefined ? [] : [inFlight])].map((made) =>
        worldCallOf(scenario, actor, made),
      ),
    }));
}

/** The gfns of the call that broke it, with their blocks; of a deadlock and a check at rest, those of all calls under way. */
function brokenGfns(scenario: Scenario, { call, actors }: LiveFinding): readonly number[] {
  const broken = call?.identities ?? actors.flatMap(({ inFlight }) => inFlight?.identities ?? []);
  return gfnsOfIdentities(scenario, [...new Set(broken)]);
}

/**
 * The same with the calls alone that its smallest schedule needs, so that the scenario is as small as the story. Falls
 * back to what there is when the smaller scenario does not show it.
 */
async function withoutSpareCalls(
  { subject, finding, exact }: Reproducer,
  wanted: WantedFinding,
  options: SearchOptions,
): Promise<{ reproducer: Reproducer | undefined; schedules: number }> {
  const { record } = subject;
  if (record.model !== 'guest_memfd') return { reproducer: undefined, schedules: 0 };
  const scenario = keepScenarioCalls(scenarioOf(record), finding.kept);
  const candidate = await candidateOf(subject, 'the calls that it needs', scenario);
  const { reproduction, schedules } = await reproduce(wanted, [candidate], {
    ...options,
    titleOf,
    rounds: TRIMMED_ROUNDS,
  });
  if (reproduction === undefined) return { reproducer: undefined, schedules };
  return {
    reproducer: { subject: candidate.subject, finding: reproduction.finding, program: reproduction.program, exact },
    schedules,
  };
}
