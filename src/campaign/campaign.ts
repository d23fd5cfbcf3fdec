/**
 * Campaign: live runs in a row, for hours, by a rotation of worlds, with all they find on the disk.
 *
 * One stream carries what happens: the events of live run after live run, each finding behind the record of it, so that
 * nothing is told that is not written; checkpoints run beside it, and whoever watches subscribes. The campaign ends when
 * its budget is spent, when it is interrupted, when it finds more than anybody looks at, or when the disk takes no more.
 * Imported by the command line.
 */

import {
  catchError,
  concat,
  concatMap,
  connectable,
  defer,
  EMPTY,
  exhaustMap,
  finalize,
  from,
  interval,
  lastValueFrom,
  map,
  merge,
  type Observable,
  of,
  repeat,
  Subject,
  takeUntil,
} from 'rxjs';
import { collectGarbage } from '../core/collect-garbage.js';
import { diskFailure } from '../core/disk-failure.js';
import { unguarded, type WorkGuard } from '../core/guard.js';
import { type LivePace, live } from '../live/live.js';
import type { LiveFinding } from '../live/live-finding.js';
import type { Model } from '../model/model.js';
import type { CampaignEvent } from './campaign-event.js';
import type { Examined, SessionEnd } from './campaign-record.js';
import type { CampaignStore } from './campaign-store.js';
import { LiveStep, type StepFinding } from './live-step.js';
import { MemoryTrend, type MemoryTrendSummary } from './memory-trend.js';
import { type CampaignStep, stepAt } from './rotation.js';

/** What a campaign needs beside its store. */
export interface CampaignOptions {
  /** The model of a step. */
  readonly modelOf: (step: CampaignStep) => Promise<Model>;
  /** How long a world lasts. Default: as in the live engine. */
  readonly pace?: LivePace;
  /**
   * Keeps a finding for good and searches a reproducer for it; undefined when the signal cut that short, and it is to be
   * done in another session.
   */
  readonly examine: (step: CampaignStep, finding: LiveFinding, signal: AbortSignal) => Promise<Examined | undefined>;
  /** Time until which the campaign runs, over all its sessions. Default: the budget of its parameters. */
  readonly budgetMs?: number;
  /** Ends the campaign early: the live run at its next quiescent point. */
  readonly signal: AbortSignal;
  /** Cuts off code of the model's that does not come back. Default: nothing is cut off. */
  readonly guard?: WorkGuard;
  /** Runs a model live. Default: the live engine; another one in tests. */
  readonly runLive?: typeof live;
  /** A monotonic clock, in milliseconds. Default: performance.now. */
  readonly clock?: () => number;
  /** Different findings at which the campaign ends. Default 1,000. */
  readonly mostFindings?: number;
  /** Findings after which a step ends. Default 1,000. */
  readonly mostSightings?: number;
}

/** What came of a session of a campaign. */
export interface SessionResult {
  /** `disk`: it takes no more; then `failure` says why. */
  readonly end: SessionEnd | 'disk';
  /** What ended it, when that is no reason to be content. */
  readonly failure: unknown;
  /** Findings that no record could be written of. */
  readonly unwritten: readonly StepFinding[];
  /** Undefined when no step was finished. */
  readonly memory: MemoryTrendSummary | undefined;
}

/** One session of a campaign: from its start, or from where it stands, to one of its ends. */
export class Campaign {
  readonly #events;
  readonly #clock: () => number;
  /** When the first actors began, or the first search: what goes into loading threads is no part of the budget. */
  #beganMs: number | undefined;
  readonly #activeBeforeMs: number;
  readonly #memory = new MemoryTrend();
  #live: LiveStep | undefined;

  constructor(
    readonly store: CampaignStore,
    readonly options: CampaignOptions,
  ) {
    this.#clock = options.clock ?? (() => performance.now());
    this.#activeBeforeMs = store.snapshot.activeMs;
    this.#events = connectable(this.#stream());
  }

  /** What happens, from when `run` is called; completes with the campaign, however it ends. */
  get events(): Observable<CampaignEvent> {
    return this.#events.pipe(catchError(() => EMPTY));
  }

  /** Runs to the end and closes the store; never rejects. */
  async run(): Promise<SessionResult> {
    const { store } = this;
    const { signal } = this.options;
    const stop = () => this.#live?.stop();
    signal.addEventListener('abort', stop);
    try {
      await store.record({ type: 'session', at: store.now(), pid: process.pid });
      const over = lastValueFrom(this.#events, { defaultValue: undefined });
      this.#events.connect();
      await over;
      await this.#end(this.#reason);
      return { end: this.#reason, failure: undefined, unwritten: [], memory: this.#memory.summary };
    } catch (failure) {
      const unwritten = (await this.#live?.rescue()) ?? [];
      const isDisk = diskFailure(failure) !== undefined;
      // What failed first is what counts.
      if (!isDisk) await this.#end('failed').catch(() => {});
      return { end: isDisk ? 'disk' : 'failed', failure, unwritten, memory: this.#memory.summary };
    } finally {
      signal.removeEventListener('abort', stop);
      await store.close().catch(() => {});
    }
  }

  async #end(end: SessionEnd): Promise<void> {
    await this.store.record({ type: 'session-ended', at: this.store.now(), end, activeMs: this.#activeMs });
    await this.store.checkpoint();
  }

  #stream(): Observable<CampaignEvent> {
    const over = new Subject<void>();
    const turn = () => (this.#isOver ? EMPTY : of(undefined));
    const steps = defer(turn).pipe(
      concatMap(() => this.#step(stepAt(this.store.parameters, this.store.snapshot.finished))),
      repeat({ delay: turn }),
    );
    // A step searches also what an earlier session left unsearched; when no time is left for a step, that is done alone.
    const all = concat(
      steps,
      defer(() => this.#examineAll()),
    ).pipe(finalize(() => over.next()));
    const checkpoints = interval(this.store.parameters.checkpointMs).pipe(
      exhaustMap(() => this.#checkpoint()),
      map((): CampaignEvent => ({ type: 'checkpoint' })),
      takeUntil(over),
    );
    return merge(checkpoints, all);
  }

  #step(step: CampaignStep): Observable<CampaignEvent> {
    const { store } = this;
    const start = async (): Promise<CampaignEvent> => {
      const again = store.snapshot.running !== null;
      await store.record({ type: 'step-started', at: store.now(), step: step.number, world: step.world });
      return { type: 'step-started', step, again };
    };
    return concat(
      defer(start),
      defer(async () => this.#startLive(step, await this.options.modelOf(step))).pipe(
        concatMap(({ events }) => events),
      ),
      defer(() => this.#finish(step, this.#live!)),
      defer(() => this.#examineAll()),
    );
  }

  #startLive(step: CampaignStep, model: Model): LiveStep {
    const { runLive = live, mostSightings = 1000, signal, guard = unguarded, pace = {} } = this.options;
    this.#live = new LiveStep(this.store, step, model, {
      ...{ runLive, clock: this.#clock, activeMs: () => this.#activeMs, leftMs: this.#leftMs },
      ...{ mostSightings, signal, guard, pace, onBegin: () => this.#begin() },
    });
    return this.#live;
  }

  async #finish(step: CampaignStep, { totals, early }: LiveStep): Promise<CampaignEvent> {
    const { store } = this;
    this.#live = undefined;
    const sightings = structuredClone(store.state.sightings);
    const activeMs = this.#activeMs;
    await store.record({
      ...{ type: 'step-finished', at: store.now(), step: step.number, totals, sightings, early, activeMs },
    });
    collectGarbage();
    const { heapUsed, rss } = process.memoryUsage();
    this.#memory.add({ hours: activeMs / 3_600_000, heapBytes: heapUsed, rssBytes: rss });
    return { type: 'step-finished', step, totals };
  }

  /** Searches a reproducer for every finding that has none yet. */
  #examineAll(): Observable<CampaignEvent> {
    return from([...this.store.pending]).pipe(
      concatMap(([key, { step, finding }]) => {
        if (this.options.signal.aborted) return EMPTY;
        const examining: CampaignEvent = { type: 'examining', key };
        const examine = () => this.#examine(key, stepAt(this.store.parameters, step), finding);
        return concat(of(examining), defer(examine).pipe(concatMap((found) => found)));
      }),
    );
  }

  async #examine(key: string, step: CampaignStep, finding: LiveFinding): Promise<readonly CampaignEvent[]> {
    const { store } = this;
    const { signal } = this.options;
    // A signal of its own: whoever listens to the campaign's for each finding adds up over the hours.
    this.#begin();
    const own = new AbortController();
    const abort = () => own.abort();
    signal.addEventListener('abort', abort);
    try {
      const examined = await this.options.examine(step, finding, own.signal);
      if (examined === undefined) return [];
      await store.record({ type: 'examined', at: store.now(), key, examined });
      return [{ type: 'examined', key, examined }];
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async #checkpoint(): Promise<void> {
    this.store.state.elapse(this.#activeMs);
    await this.store.checkpoint();
  }

  /** Time the campaign has been running, over all its sessions. */
  get #activeMs(): number {
    const now = this.#clock();
    return this.#activeBeforeMs + now - (this.#beganMs ?? now);
  }

  #begin(): void {
    this.#beganMs ??= this.#clock();
  }

  get #leftMs(): number {
    return (this.options.budgetMs ?? this.store.parameters.budgetMs) - this.#activeMs;
  }

  get #hasTooMuch(): boolean {
    return Object.keys(this.store.snapshot.findings).length >= (this.options.mostFindings ?? 1000);
  }

  get #isOver(): boolean {
    return this.options.signal.aborted || this.#hasTooMuch || this.#leftMs <= 0;
  }

  get #reason(): SessionEnd {
    if (this.options.signal.aborted) return 'interrupted';
    return this.#hasTooMuch ? 'flood' : 'budget';
  }
}
