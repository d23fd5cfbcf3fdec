/**
 * Stress for users of the library: a model under true parallel load, and the smallest schedule that shows what was found.
 * What `faultline stress` does, without a terminal. Imported by the library's entry.
 */

import { refuseUnknownOptions, seedOf } from '../core/known-options.js';
import { type Reproducer, searchReproducer } from '../kept/reproducer.js';
import type { LiveFinding } from '../live/live-finding.js';
import type { LiveReport } from '../live/live-report.js';
import { type Model, modelGiven } from '../model/model.js';
import { subjectOfModel } from '../subject/subject-of-model.js';
import { livePace, USUAL_FAILURES, USUAL_PERTURB, USUAL_STRESS_MS } from './usual.js';

export type { Reproducer } from '../kept/reproducer.js';
export type { Subject } from '../subject/subject.js';

/** What stress takes; the defaults are those of the command line. */
export interface StressOptions {
  /** How long it runs, in milliseconds. Default 10,000. */
  readonly budgetMs?: number;
  /** Worker threads. Default: the cores, but no more than there are actors. */
  readonly threads?: number;
  /** Default 1. */
  readonly seed?: bigint | number;
  /** Share of accesses around which an actor stalls for a moment, 0 .. 1. Default 0.05. */
  readonly perturb?: number;
  /** Share of the environment's choices that take another outcome than the first, 0 .. 1. Default 0.2. */
  readonly failureRate?: number;
  /** Goes on after the first finding. Default false. */
  readonly keepGoing?: boolean;
  /** Ends the run early; what was found is kept. */
  readonly signal?: AbortSignal;
}

/** What was seen live, and a schedule that shows it. */
export interface StressedFinding {
  readonly seen: LiveFinding;
  /** How often it was seen. */
  readonly count: number;
  /** Undefined when no schedule that was tried shows it. */
  readonly reproducer: Reproducer | undefined;
}

/** What a run came to. */
export interface StressResult {
  readonly report: LiveReport;
  readonly findings: readonly StressedFinding[];
}

const NAMES = Object.keys({
  budgetMs: 1,
  threads: 1,
  seed: 1,
  perturb: 1,
  failureRate: 1,
  keepGoing: 1,
  signal: 1,
} satisfies Record<keyof StressOptions, 1>);

/**
 * Runs a model on real threads for a while and searches a reproducer of what breaks.
 *
 * @throws InputError for a model that threads cannot load (it needs `source`) and for options that are not allowed;
 * ModelError when the model breaks a rule of modelling
 */
export async function stress(model: Model, options: StressOptions = {}): Promise<StressResult> {
  refuseUnknownOptions('stress()', options, NAMES);
  const { budgetMs = USUAL_STRESS_MS, perturb = USUAL_PERTURB, failureRate = USUAL_FAILURES } = options;
  const { keepGoing = false, threads, signal } = options;
  const seed = seedOf(options.seed);
  // Only now: whoever imports the library, as each thread does that runs a model, waits for no threads and streams.
  const { live } = await import('../live/live.js');
  let endMs: number | undefined;
  const report = await live(modelGiven(model), {
    ...{ seed, perturb, failureRate, stopAtFinding: !keepGoing, ...livePace },
    ...(threads === undefined ? {} : { threads }),
    ...(signal === undefined ? {} : { signal }),
    // It is asked first when the actors have begun, so the budget does not go into loading threads.
    deadline: () => {
      endMs ??= performance.now() + budgetMs;
      return performance.now() >= endMs;
    },
  }).done;
  const subject = await subjectOfModel(model);
  const findings: StressedFinding[] = [];
  for (const { finding: seen, count } of report.findings) {
    const isSearched = subject !== undefined && signal?.aborted !== true;
    const search = isSearched
      ? await searchReproducer(subject, seen, { seed, workers: 1, ...(signal && { signal }) })
      : undefined;
    findings.push({ seen, count, reproducer: search?.reproducer });
  }
  return { report, findings };
}
