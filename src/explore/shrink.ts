/**
 * Shrinking: from a schedule that shows a finding to the smallest one.
 *
 * Smaller means fewer calls, then fewer context switches, then fewer steps, then smaller choices. Calls are left out
 * one by one; for the calls that remain the shortest schedule is searched exactly (shortest-schedule.ts), and where the
 * program is too large for that, edited until no context switch, step or choice can be left out (local-passes.ts).
 * Deterministic, bounded, and the result replays strictly. Used by the engine and by whoever has a failing schedule.
 */

import { notRepeated } from '../core/errors.js';
import { CutOff, unguarded, type WorkGuard } from '../core/guard.js';
import type { Program } from '../core/program/program.js';
import { StuckActors } from '../core/run/stuck.js';
import type { Schedule } from '../core/schedule.js';
import { allCalls, type KeptCalls, keepCalls } from '../core/story/kept-calls.js';
import { type Signature, signatureText } from '../core/story/signature.js';
import { Candidates } from './candidates.js';
import { localPasses } from './local-passes.js';
import { replaySchedule } from './replay.js';
import { shortestSchedule } from './shortest-schedule.js';
import { type Step, scheduleOf, stepsOf } from './step-list.js';

/** A finding's smallest schedule. */
export interface Shrunk {
  /** Per actor, which calls of its script are kept. */
  readonly kept: KeptCalls;
  /** Runs with the kept calls, and replays strictly. */
  readonly schedule: Schedule;
  /** Whether no context switch, call or choice can be left out; false when the work ran into its bound. */
  readonly minimal: boolean;
}

/** Bounds of the work. */
export interface ShrinkLimits {
  /** Candidate runs in all. */
  readonly candidates: number;
  /** States in a search for the shortest schedule. */
  readonly states: number;
  /** States in a search that shall show whether a call can be left out. */
  readonly statesPerCall: number;
}

/** About a second of work at most for models of usual size. */
export const SHRINK_LIMITS: ShrinkLimits = { candidates: 20_000, states: 100_000, statesPerCall: 20_000 };

/**
 * Shrinks a schedule of the whole program that shows the finding with this signature.
 *
 * @param guard cuts the work off; then it is the smallest so far that is returned
 * @throws Error when the schedule does not show it
 */
export function shrink(
  program: Program,
  signature: Signature,
  schedule: Schedule,
  limits: ShrinkLimits = SHRINK_LIMITS,
  guard: WorkGuard = unguarded,
): Shrunk {
  const shrinker = new Shrinker(program, signature, schedule, limits);
  try {
    guard.run(() => shrinker.run(), Number.POSITIVE_INFINITY);
    return shrinker.smallest(true);
  } catch (error) {
    if (!(error instanceof CutOff)) throw error;
    return shrinker.smallest(false);
  }
}

class Shrinker {
  readonly #candidates: Candidates;
  /** Whether the finding is the same one when calls are left out. */
  readonly #mayDropCalls: boolean;
  #kept: KeptCalls;
  #steps: readonly Step[];

  constructor(
    readonly program: Program,
    readonly signature: Signature,
    schedule: Schedule,
    readonly limits: ShrinkLimits,
  ) {
    this.#kept = allCalls(program.actors);
    const { executor, signature: shown } = replaySchedule(program, schedule);
    if (shown === undefined || signatureText(shown) !== signatureText(signature)) {
      throw notRepeated(signatureText(signature));
    }
    // A check of finished runs speaks of the whole program, and so does a wait for what some other call would have done;
    // whoever waits in a ring of locks, or for a lock that was never given back, is stuck whoever else runs.
    this.#mayDropCalls =
      signature.kind === 'deadlock' ? new StuckActors(executor).deadlocked : signature.function !== '';
    this.#candidates = new Candidates(program, signature);
    this.#steps = stepsOf(this.#candidates.executorFor(this.#kept), schedule);
  }

  run(): void {
    do {
      while (this.#dropCalls((kept) => this.#withoutCallsOf(kept)));
      this.#shorten();
    } while (this.#dropCalls((kept) => this.#withoutCallsOf(kept) ?? this.#search(kept, this.limits.statesPerCall)));
  }

  /** What there is by now. */
  smallest(isDone: boolean): Shrunk {
    const schedule = scheduleOf(this.#steps);
    const { signature } = replaySchedule(this.program, schedule, keepCalls(this.program.actors, this.#kept));
    if (signature === undefined || signatureText(signature) !== signatureText(this.signature)) {
      throw notRepeated(signatureText(this.signature));
    }
    return { kept: this.#kept, schedule, minimal: isDone && !this.#exhausted() };
  }

  /** Leaves out every call that `find` finds a run without; whether there was one. */
  #dropCalls(find: (kept: KeptCalls) => readonly Step[] | undefined): boolean {
    if (!this.#mayDropCalls) return false;
    let dropped = false;
    for (let actor = this.#kept.length - 1; actor >= 0; actor--) {
      for (let call = this.#kept[actor].length - 1; call >= 0 && !this.#exhausted(); call--) {
        const kept = this.#kept.map((calls, other) => (other === actor ? calls.toSpliced(call, 1) : calls));
        const run = find(kept);
        if (run === undefined) continue;
        this.#kept = kept;
        this.#steps = run;
        dropped = true;
      }
    }
    return dropped;
  }

  /** The current run without the steps of calls that are not kept any more. */
  #withoutCallsOf(kept: KeptCalls): readonly Step[] | undefined {
    const left = this.#steps.filter(({ actor, call }) => kept[actor].includes(this.#kept[actor][call]));
    return this.#candidates.try(kept, left);
  }

  #search(kept: KeptCalls, states: number): readonly Step[] | undefined {
    return shortestSchedule(this.#candidates.executorFor(kept), this.#candidates, states).steps;
  }

  /** The smallest run with the kept calls, or the smallest that single edits lead to. */
  #shorten(): void {
    const kept = this.#kept;
    const found = this.#search(kept, this.limits.states);
    if (found !== undefined) this.#steps = found;
    else {
      const attempt = (steps: readonly Step[]) => this.#candidates.try(kept, steps);
      this.#steps = localPasses(this.#steps, attempt, () => this.#exhausted());
    }
  }

  #exhausted(): boolean {
    return this.#candidates.runs >= this.limits.candidates;
  }
}
