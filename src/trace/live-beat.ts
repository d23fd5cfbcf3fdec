/**
 * Live beats: what the live page is told of a run under way, a few times a second. Browser-safe.
 */

/** How things stand in a live run. */
export interface LiveBeat {
  /** What runs: `fault-vs-convert under v3-inplace`. */
  readonly world: string;
  /** Since the run began, or the step of a campaign. */
  readonly seconds: number;
  /** In a second, since the beat before. */
  readonly rates: readonly { readonly name: string; readonly perSecond: number }[];
  /** Share of all actors' time that they spent waiting for locks, 0 .. 1. */
  readonly lockWait: number;
  readonly locks: readonly {
    readonly name: string;
    readonly acquisitions: number;
    /** Of those, the ones that had to wait. */
    readonly contended: number;
    readonly waitedMs: number;
  }[];
  readonly actors: readonly {
    readonly name: string;
    readonly calls: number;
    readonly retries: number;
    readonly waitedMs: number;
  }[];
  /** Different ones, in the order in which they were found. */
  readonly findings: readonly { readonly title: string; readonly words: string; readonly seconds: number }[];
  /** Of this process. */
  readonly memoryBytes: number;
  /** Of a campaign. */
  readonly step?: number;
  readonly nextCheckpointSeconds?: number;
}

/** How a live run ended. */
export interface LiveEnd {
  /** A sentence. */
  readonly words: string;
}
