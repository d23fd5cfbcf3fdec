/**
 * Result document: a result as the JSON document that `--json` prints, `faultline.result/1`. Used by the command line.
 */

import type { Finding } from '../core/finding.js';
import type { FindingKind } from '../core/finding-kind.js';
import type { ResultDocument } from './result-schema.js';

/** What a document says of a finding; whether it is minimal is not known when all there is of it is a token. */
export type FindingSummary = Pick<Finding, 'id' | 'kind' | 'signature' | 'title' | 'steps' | 'contextSwitches'> &
  Partial<Pick<Finding, 'minimal' | 'foundAt' | 'strategy'>>;

/** The same of a finding of a live run: the size of its schedule is known only once a reproducer was found. */
export type LiveFindingSummary = Omit<FindingSummary, 'steps' | 'contextSwitches' | 'minimal'> & {
  readonly steps?: number | undefined;
  readonly contextSwitches?: number | undefined;
  readonly minimal?: boolean | undefined;
};

/** A finding and where it can be replayed from. */
export interface ReportedFinding {
  readonly finding: FindingSummary | LiveFindingSummary;
  readonly token?: string | undefined;
  readonly file?: string | undefined;
  /** What the token is about, where neither that is built in nor a file could be written. */
  readonly world?: object | string | undefined;
  /** Live runs: when it was seen first, and how often. */
  readonly live?: LiveSighting | undefined;
  /** Live runs: what the search for a reproducer took; undefined when none was made. */
  readonly search?: { readonly schedules: number; readonly candidates: number } | undefined;
}

/** When a live run saw a finding. */
export interface LiveSighting {
  readonly count: number;
  readonly epoch: number;
  /** Since the run began: the first and the last time. */
  readonly seconds: number;
  readonly lastSeconds: number;
  /** Completed by all actors before the first. */
  readonly calls: number;
  readonly faults: number;
}

/** What a verb has to report. */
export interface Result {
  readonly verb: string;
  readonly scenario?: string | undefined;
  readonly scheme?: string | undefined;
  readonly arch?: string | undefined;
  readonly seed?: bigint | undefined;
  readonly verdict: ResultDocument['verdict'];
  /** Counters of the engine, ExploreStats for one. */
  readonly stats?: object | undefined;
  readonly findings?: readonly ReportedFinding[];
  /** For `compare`: one cell for each scheme and scenario. */
  readonly cells?: readonly CellResult[] | undefined;
  /** Sentences. */
  readonly notes?: readonly string[];
}

/** What one scheme did in one scenario. */
export interface CellResult {
  readonly scheme: string;
  readonly scenario: string;
  readonly verdict: ResultDocument['verdict'];
  readonly kind?: FindingKind | undefined;
  readonly stoppedBy?: string | undefined;
  readonly expected?: CellExpectation | undefined;
}

/** What was expected of a cell; the answer `none` was cut short before it was one. */
export interface CellExpectation {
  readonly verdict: string;
  readonly reason: string;
  readonly answer: 'met' | 'differs' | 'none';
}

/** The document; JSON.stringify writes it as it is. */
export function resultDocument(result: Result): ResultDocument {
  const { verb, scenario, scheme, arch, seed, verdict, stats, findings = [], cells, notes = [] } = result;
  return jsonOf({
    schema: 'faultline.result/1',
    ...{ verb, scenario, scheme, arch, seed, verdict, stats },
    findings: findings.map(({ finding, token, file, world, live, search }) => {
      const { id, kind, signature, title, steps, contextSwitches, minimal } = finding;
      const about = { id, kind, signature, title, token, steps, contextSwitches, minimal };
      return { ...about, ...foundBy(finding), file, world, live, search };
    }),
    cells,
    notes: notes.length === 0 ? undefined : notes,
  }) as ResultDocument;
}

/** Which schedule showed it, and what picked that, where one of a strategy's did. */
function foundBy(finding: FindingSummary | LiveFindingSummary): object {
  const { foundAt, strategy } = finding as FindingSummary;
  return strategy === undefined || foundAt === undefined ? {} : { schedule: foundAt + 1, strategy };
}

/** A copy without undefined members, in which integers that JSON readers would round are strings. */
function jsonOf(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (typeof value === 'number') {
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value).toString() : value;
  }
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, jsonOf(member)]));
}
