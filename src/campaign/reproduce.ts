/**
 * Reproduce: from what a live run found to a schedule that shows it.
 *
 * A live finding has no schedule. Small models of what went on around it are candidates; the controlled engine searches
 * them for a violation of the same kind and cell class, a little in each, then more in each, and shrinks the first that
 * it finds. Schedules and not time bound the search, so that with one seed it ends the same everywhere. Imported by
 * campaigns and the command line.
 */

import type { Finding } from '../core/finding.js';
import type { Program } from '../core/program/program.js';
import type { Trace } from '../core/story/trace.js';
import { explore } from '../explore/explore.js';
import type { Workers } from '../explore/lanes.js';
import type { WantedFinding } from '../explore/shard.js';
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

/** PCT's d: with 5 it finds every broken row of test/expected.yaml within two thousand schedules. */
const DEPTH = 5;

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
  const { seed, workers, signal, onProgress, titleOf, rounds } = options;
  let schedules = 0;
  let otherwise = 0;
  const searched = new Set<C>();
  for (const [round, count] of rounds.entries()) {
    for (const candidate of candidates) {
      if (signal?.aborted) return { reproduction: undefined, schedules, candidates: searched.size, otherwise };
      searched.add(candidate);
      const { findings, stats, program } = await explore(candidate.model, {
        ...{ strategy: 'pct', depth: DEPTH, schedules: count, workers, wanted, coverage: false },
        // Another seed each round: the same schedules again would be a waste.
        seed: seed + BigInt(round),
        clock: () => performance.now(),
        ...(signal && { signal }),
        ...(titleOf && { titleOf }),
      });
      schedules += stats.schedules;
      onProgress?.(schedules);
      const [finding] = findings;
      if (finding === undefined) otherwise += stats.violating;
      if (finding !== undefined) {
        return { reproduction: { candidate, finding, program }, schedules, candidates: searched.size, otherwise };
      }
    }
  }
  return { reproduction: undefined, schedules, candidates: searched.size, otherwise };
}
