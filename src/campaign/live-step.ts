/**
 * Live step: the live run of one step of a campaign. What it finds for the first time goes to the journal before it goes
 * on in the stream; the rest is counted. Used by the campaign.
 */

import { concat, concatMap, defer, EMPTY, ignoreElements, type Observable, of } from 'rxjs';
import type { WorkGuard } from '../core/guard.js';
import { signatureText } from '../core/story/signature.js';
import { findingId } from '../explore/finding-of.js';
import type { LiveEvent, LivePace, LiveRun, live } from '../live/live.js';
import type { LiveFinding } from '../live/live-finding.js';
import type { LiveReport } from '../live/live-report.js';
import type { Model } from '../model/model.js';
import type { CampaignEvent } from './campaign-event.js';
import type { CampaignTotals, EarlyEnd } from './campaign-record.js';
import { NO_TOTALS } from './campaign-state.js';
import type { CampaignStore } from './campaign-store.js';
import type { CampaignStep } from './rotation.js';

/** What a live step needs of its campaign. */
export interface LiveStepOptions {
  readonly runLive: typeof live;
  readonly pace: LivePace;
  readonly clock: () => number;
  /** Time the campaign has been running, over all its sessions. */
  readonly activeMs: () => number;
  /** Time that is left of the campaign's budget. */
  readonly leftMs: number;
  /** Findings after which the step ends. */
  readonly mostSightings: number;
  readonly signal: AbortSignal;
  readonly guard: WorkGuard;
  /** Called when the actors begin, at the latest. */
  readonly onBegin: () => void;
}

/** A finding of a step. */
export interface StepFinding {
  readonly step: CampaignStep;
  readonly finding: LiveFinding;
}

/** One live run under way. */
export class LiveStep {
  readonly #run: LiveRun;
  #sightings = 0;
  #report: LiveReport | undefined;

  /** Starts the run; `events` has to be subscribed to at once. */
  constructor(
    readonly store: CampaignStore,
    readonly step: CampaignStep,
    readonly model: Model,
    readonly options: LiveStepOptions,
  ) {
    const { runLive, clock, leftMs, signal, guard, pace, onBegin } = options;
    const { stepMs, threads } = store.parameters;
    let endMs: number | undefined;
    this.#run = runLive(model, {
      ...pace,
      ...{ seed: step.seed, perturb: step.perturb, failureRate: step.failureRate },
      ...(threads === null ? {} : { threads }),
      ...{ clock, guard },
      // It is asked first when the actors have begun, so the step's time does not go into loading threads.
      deadline: () => {
        onBegin();
        endMs ??= clock() + Math.min(stepMs, leftMs);
        return clock() >= endMs;
      },
    });
    if (signal.aborted) this.stop();
  }

  /** What happens; completes once the run is over and all it found is written. Errors as the run and the disk do. */
  get events(): Observable<CampaignEvent> {
    const over = async () => {
      this.#report = await this.#run.done;
    };
    const heard = this.#run.events.pipe(concatMap((event) => this.#heard(event)));
    return concat(heard, defer(over).pipe(ignoreElements()));
  }

  /** Ends the run at its next quiescent point. */
  stop(): void {
    void this.#run.stop().catch(() => {});
  }

  /** What the run did; after `events` have completed. */
  get totals(): CampaignTotals {
    const { steps, calls, faults, retries, epochs, audits, deaths, seconds } = this.#report!;
    return { steps, calls, faults, retries, epochs, deaths: deaths.length, audits, seconds };
  }

  /** Why it ended before its time, if it did; after `events` have completed. */
  get early(): EarlyEnd | undefined {
    const { signal, leftMs } = this.options;
    if (this.#report!.interrupted) return signal.aborted ? 'interrupted' : 'flood';
    return leftMs < this.store.parameters.stepMs ? 'budget' : undefined;
  }

  /** After a failure: ends the run; what it found and has no record of, for the disk or the stream failed before. */
  async rescue(): Promise<readonly StepFinding[]> {
    const { step, store } = this;
    const report = await this.#run.stop().catch(() => undefined);
    const found = report?.findings.map(({ finding }) => finding) ?? [];
    return found
      .filter((finding) => !store.state.knows(findingKey(step, finding)))
      .map((finding) => ({ step, finding }));
  }

  #heard(event: LiveEvent): Observable<CampaignEvent> {
    if (event.type === 'finding') return this.#found(event.finding);
    if (event.type !== 'tick') return EMPTY;
    const { steps, calls, faults, retries, seconds, epoch: epochs } = event;
    const totals: CampaignTotals = { ...NO_TOTALS, steps, calls, faults, retries, seconds, epochs };
    this.store.state.progress(totals, this.options.activeMs());
    return of({ type: 'progress', step: this.step, totals, tick: event });
  }

  #found(finding: LiveFinding): Observable<CampaignEvent> {
    const { store, step } = this;
    const key = findingKey(step, finding);
    const at = store.now();
    if (++this.#sightings >= this.options.mostSightings) this.stop();
    if (store.state.knows(key)) {
      store.state.sight(key, at);
      return of({ type: 'sighting', step, key });
    }
    return defer(() => this.#write(key, at, finding));
  }

  async #write(key: string, at: string, finding: LiveFinding): Promise<CampaignEvent> {
    const { store, step, model } = this;
    const id = findingId(model, signatureText(finding.signature));
    await store.record({ type: 'finding', at, key, id, step: step.number, world: step.world, finding });
    return { type: 'finding', step, key, finding };
  }
}

/** Findings of one signature in one world are one finding. */
function findingKey({ world }: CampaignStep, { signature }: LiveFinding): string {
  return `${world}: ${signatureText(signature)}`;
}
