/**
 * Reproduce: from what a live run found to a schedule that shows it.
 *
 * A live finding has no schedule. Small models of what went on around it are candidates; the controlled engine searches
 * them for a violation of the same kind and cell class, a little in each, then more in each, and
 * shrinks the first that it finds. Schedules and not time bound the search, so that with one seed it ends the same
 * everywhere. Imported by campaigns and the command line.
 */

import type { Finding } from '../core/finding.js';
import type { WorkGuard } from '../core/guard.js';
import type { Program } from '../core/program/program.js';
import type { Trace } from '../core/story/trace.js';
import { explore } from '../explore/explore.js';
import type { Workers } from '../explore/lanes.js';
import type { WantedFinding } from '../explore/outcomes.js';
import type { LiveFinding } from '../live/live-finding.js';
import type { Model } from '../model/model.js';

/** A model that may show what was found. */
export interface Candidate {
  /** What it is, in words. */
  readonly what: string;
  readonly model: Model;
}

/** Options of `reproduce`. */
export interface ReproduceOptions {
  readonly seed: bigint;
  /** Worker threads, or a pool that the caller shares and closes. */
  readonly workers: number | Workers;
  /** Schedules that each candidate gets in each round. */
  readonly rounds: readonly number[];
  /** Ends the search early. */
  readonly signal?: AbortSignal | undefined;
  /** Cuts off code of the model's that does not come back. Default: nothing is cut off. */
  readonly guard?: WorkGuard | undefined;
  /** Told of the schedules run so far, after each candidate. */
  readonly onProgress?: ((schedules: number) => void) | undefined;
  /** Writes the title of the finding. */
  readonly titleOf?: (trace: Trace) => string | undefined;
}

/** What shows a live finding again. */
export interface Reproduction<C extends Candidate> {
  readonly candidate: C;
  /** Shrunk. */
  readonly finding: Finding;
  readonly program: Program;
}

/** What a search came to. */
export interface ReproductionSearch<C extends Candidate> {
  /** Undefined when no candidate showed it. */
  readonly reproduction: Reproduction<C> | undefined;
  /** Schedules run, over all candidates. */
  readonly schedules: number;
  /** Candidates that were searched. */
  readonly candidates: number;
  /** Schedules that broke something else, which ended them. */
  readonly otherwise: number;
}

/** What a search for a live finding looks for: the same kind on the same class of cells. */
export function wantedOf({ kind, signature }: LiveFinding): WantedFinding {
  // A check at rest blames the cells it reads, a check in an op the cell of that op.
  const anywhere = signature.cell === '' || signature.function === '';
  return { kind, cell: anywhere ? undefined : signature.cell };
}

/**
 * Searches the candidates in their order, round by round.
 *
 * @throws InputError and ModelError as `explore` does
 */
export async function reproduce<C extends Candidate>(
  wanted: WantedFinding,
  candidates: readonly C[],
  options: ReproduceOptions,
): Promise<ReproductionSearch<C>> {
  const search = new Search(wanted, options);
  const searched = new Set<C>();
  for (const [round, count] of options.rounds.entries()) {
    for (const candidate of candidates) {
      if (options.signal?.aborted) return { reproduction: undefined, ...search.counts, candidates: searched.size };
      searched.add(candidate);
      const found = await search.in(candidate.model, round, count);
      const reproduction = found && { candidate, ...found };
      if (reproduction !== undefined) return { reproduction, ...search.counts, candidates: searched.size };
    }
  }
  return { reproduction: undefined, ...search.counts, candidates: searched.size };
}

/** Searches models, one after the other. */
class Search {
  readonly counts = { schedules: 0, otherwise: 0 };

  constructor(
    readonly wanted: WantedFinding,
    readonly options: ReproduceOptions,
  ) {}

  /** Runs `count` schedules of a model. */
  async in(
    model: Model,
    round: number,
    count: number,
  ): Promise<{ readonly finding: Finding; readonly program: Program } | undefined> {
    const { seed, workers, signal, guard, onProgress, titleOf } = this.options;
    const { findings, stats, program } = await explore(model, {
      ...{ schedules: count, workers, wanted: this.wanted, coverage: false },
      // Another seed each round: what is drawn would be the same once more.
      seed: seed + BigInt(round),
      clock: () => performance.now(),
      ...(signal && { signal }),
      ...(guard && { guard }),
      ...(titleOf && { titleOf }),
    });
    this.counts.schedules += stats.schedules;
    this.counts.otherwise += stats.violating;
    onProgress?.(this.counts.schedules);
    const [finding] = findings;
    return finding && { finding, program };
  }
}
