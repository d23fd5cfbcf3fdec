/**
 * What a page is made of: the data that is written into it, and what the engine in it can be asked. Shared by who writes
 * pages, by the viewer in them, and by that engine. Types only.
 */

import type { TraceDocument } from './trace-schema.js';

/** A run that passes and is nearly the same. */
export interface NearestOnPage {
  readonly trace: TraceDocument;
  /** `The switch before step 14 one step later passes.` */
  readonly words: string;
  /** The first step, from 0, that is another one than in the finding. */
  readonly firstDifference: number;
}

/** The same schedule under another scheme, as far as it can be followed there. */
export interface OtherScheme {
  readonly scheme: string;
  readonly trace: TraceDocument;
  readonly words: string;
}

/** What the engine in the page needs to go on from a step: a world of guest_memfd, and what its tokens begin with. */
export interface TryData {
  /** A scenario with its settings applied, as plain data. */
  readonly scenario: unknown;
  /** With its mutations. */
  readonly scheme: string;
  /** Per actor, the positions of the calls that the finding has kept. */
  readonly kept: readonly (readonly number[])[];
  readonly token: {
    readonly scenario: string;
    readonly scheme: string;
    readonly settings: Readonly<Record<string, string>>;
    readonly parts: { readonly scenario: string; readonly scheme: string; readonly layout: string };
  };
  /** Whether a token is enough; else what it is about has to be given to `replay --world` as a file. */
  readonly builtIn: boolean;
}

/** One run, with what is shown beside it. */
export interface RunOnPage {
  readonly trace: TraceDocument;
  readonly nearest?: NearestOnPage | undefined;
  readonly other?: OtherScheme | undefined;
  /** For the engine in the page, or the sentence that says why there is none. */
  readonly trying?: TryData | string | undefined;
}

/** A page of runs: one is shown, the others can be chosen. */
export interface RunsPage {
  readonly kind: 'runs';
  readonly runs: readonly RunOnPage[];
}

/** One row of an index: a finding and the page that shows it. */
export interface IndexRow {
  readonly title: string;
  /** The path of its page; undefined where it cannot be shown, and `note` says why. */
  readonly page?: string | undefined;
  /** `fault-vs-punch under v2-hook-every-fault`. */
  readonly of: string;
  readonly steps?: number | undefined;
  readonly note?: string | undefined;
}

/** A page that lists the findings of a folder. */
export interface IndexPage {
  readonly kind: 'index';
  readonly folder: string;
  readonly rows: readonly IndexRow[];
}

/** A table of a report: the first column has the names of the rows. */
export interface PageTable {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** By row: how long a bar is drawn beside it, 0 .. 1. */
  readonly shares?: readonly number[] | undefined;
}

/** What a run of verify, stress or soak came to, and the runs of its findings. */
export interface ReportPage {
  readonly kind: 'report';
  /** `verify fault-vs-convert under v3-inplace`. */
  readonly title: string;
  /** `Verified: no interleaving breaks anything.` */
  readonly verdict: string;
  readonly isBroken: boolean;
  readonly tables: readonly PageTable[];
  /** Sentences: what was covered, and what was not. */
  readonly notes: readonly string[];
  readonly runs: readonly RunOnPage[];
}

/** One cell of a comparison. */
export interface PageCell {
  readonly scenario: string;
  readonly scheme: string;
  /** As the table of the terminal has it: `verified`, `clean in 512 schedules`, a kind of finding. */
  readonly text: string;
  /** Undefined where nothing was found. */
  readonly kind?: string | undefined;
  /** What was expected of it, where it is something else. */
  readonly expected?: string | undefined;
  /** Position in `runs` of its finding. */
  readonly run?: number | undefined;
}

/** Every scheme against every scenario; a cell opens its finding. */
export interface ComparePage {
  readonly kind: 'compare';
  readonly title: string;
  /** One sentence below the title. */
  readonly summary: string;
  readonly scenarios: readonly string[];
  readonly schemes: readonly { readonly name: string; readonly title: string }[];
  readonly cells: readonly PageCell[];
  readonly notes: readonly string[];
  readonly runs: readonly RunOnPage[];
}

/** A run under way: what is shown comes as events. */
export interface LivePage {
  readonly kind: 'live';
  /** `stress fault-vs-convert under v3-inplace`. */
  readonly title: string;
}

/** Everything that a page can be about. */
export type PageData = RunsPage | IndexPage | ReportPage | ComparePage | LivePage;

/** A schedule: who takes each step, and the answers to the choices in their order. */
export interface TriedSchedule {
  readonly steps: readonly number[];
  readonly choices: readonly number[];
}

/** A run that was tried in the page. */
export interface TriedRun {
  readonly trace: TraceDocument;
  /** Who can go on, and how many outcomes the next step of each has; 0 where there is nothing to choose. */
  readonly next: readonly { readonly actor: number; readonly outcomes: number }[];
  readonly token: string;
}

/** The engine in a page: `start` makes the world of a run once. */
export interface TryEngine {
  start(data: TryData): Promise<(schedule: TriedSchedule) => TriedRun>;
}
