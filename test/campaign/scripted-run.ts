/** Live runs without threads: what a script says happens, happens; between two of its events other things may. */
import { Subject } from 'rxjs';
import type { LiveEvent, LiveOptions, LiveRun, live } from '../../src/live/live.js';
import type { LiveFinding } from '../../src/live/live-finding.js';
import type { LiveReport } from '../../src/live/live-report.js';

/** What a scripted run finds, in this order; undefined: nothing for a moment. */
export type Script = (run: number, options: LiveOptions) => Iterable<LiveFinding | undefined>;

/** A live engine whose runs go by a script; a run ends with its script, by its deadline, or when it is stopped. */
export function scripted(script: Script): {
  runLive: typeof live;
  /** The options of each run. */
  runs: LiveOptions[];
  /** What runs have found, in order. */
  emitted: { readonly run: number; readonly op: string }[];
} {
  const runs: LiveOptions[] = [];
  const emitted: { run: number; op: string }[] = [];
  const runLive = (_: unknown, options: LiveOptions = {}): LiveRun => {
    const events = new Subject<LiveEvent>();
    const number = runs.push(options) - 1;
    const found: LiveFinding[] = [];
    let stopped = false;
    const done = play(script(number, options), (finding) => {
      if (finding !== undefined) {
        found.push(finding);
        emitted.push({ run: number, op: finding.op });
        events.next({ type: 'finding', finding, first: found.length === 1 });
      }
      return stopped || options.deadline!();
    }).then(() => reportOf(found, stopped));
    done.then(
      () => events.complete(),
      () => events.complete(),
    );
    const stop = () => {
      stopped = true;
      return done;
    };
    return { events, done, stop, pause: async () => {}, resume: async () => {}, terminateThread: async () => {} };
  };
  return { runLive, runs, emitted };
}

async function play(
  script: Iterable<LiveFinding | undefined>,
  over: (finding: LiveFinding | undefined) => boolean,
): Promise<void> {
  for (const finding of script) {
    await new Promise((resolve) => setImmediate(resolve));
    if (over(finding)) return;
  }
}

function reportOf(found: readonly LiveFinding[], interrupted: boolean): LiveReport {
  const counted = { steps: 900, calls: 300, faults: 100, retries: 0, contended: 0, waitedMs: 0 };
  return {
    ...{
      ...counted,
      threads: 1,
      epochs: found.length + 1,
      seconds: 1,
      interrupted,
      actors: [],
      byCall: [],
      byLock: [],
    },
    ...{
      byFunction: [],
      deaths: [],
      audits: 1,
      mode: 'loop',
      finished: 0,
      alone: 0,
      unfinished: undefined,
      refused: undefined,
    },
    findings: [...new Set(found)].map((finding) => ({
      ...{ finding, lastSeconds: 1 },
      count: found.filter((each) => each === finding).length,
    })),
  };
}
