/**
 * Candidates: runs a list of steps leniently and tells whether the run still shows the finding.
 *
 * Lenient: an actor that cannot take its step is passed over, and the run ends with the list. Where the finding only
 * shows when nobody can go on (a deadlock, a check of finished runs), the rest is run as well, with as few context
 * switches as it takes. What is returned is the run as it happened, so it replays strictly. Used by the shrinker.
 */

import type { Program } from '../core/program/program.js';
import { Executor } from '../core/run/executor.js';
import { StepFlag } from '../core/run/step-flag.js';
import { StuckActors } from '../core/run/stuck.js';
import { type KeptCalls, keepCalls } from '../core/story/kept-calls.js';
import { type Signature, signatureText, stepSignature } from '../core/story/signature.js';
import { atEnd } from './replay.js';
import type { Step } from './step-list.js';

/** Steps after which a candidate that has to run to its end is given up. */
const STEP_BOUND = 20_000;

/** Runs candidates for one finding. */
export class Candidates {
  /** Candidates run so far. */
  runs = 0;
  readonly #target: string;
  readonly #atEnd: boolean;
  #kept: string | undefined;
  #executor: Executor | undefined;

  constructor(
    readonly program: Program,
    readonly signature: Signature,
  ) {
    this.#target = signatureText(signature);
    this.#atEnd = signature.kind === 'deadlock' || signature.function === '';
  }

  /** Whether the finding shows only when nobody can go on. */
  get showsAtEnd(): boolean {
    return this.#atEnd;
  }

  /** The executor for a set of calls; one at a time is kept. */
  executorFor(kept: KeptCalls): Executor {
    const key = JSON.stringify(kept);
    if (this.#executor === undefined || this.#kept !== key) {
      this.#kept = key;
      this.#executor = new Executor(this.program, keepCalls(this.program.actors, kept));
    }
    return this.#executor;
  }

  /** Runs the steps with the kept calls; the run as it happened if it shows the finding, else undefined. */
  try(kept: KeptCalls, steps: readonly Step[]): Step[] | undefined {
    this.runs++;
    const executor = this.executorFor(kept);
    executor.reset();
    const taken: Step[] = [];
    for (const { actor, choice } of steps) {
      if (!executor.canRun(actor)) continue;
      const found = this.#step(executor, actor, choice, taken);
      if (found !== undefined) return found ? taken : undefined;
    }
    return this.#atEnd && this.#finish(executor, taken) ? taken : undefined;
  }

  /** Whether a step that has just broken something shows the finding. */
  shows({ violation, brokenBy, automaton }: Executor): boolean {
    const { kind } = this.signature;
    return violation?.kind === kind && signatureText(stepSignature(automaton, brokenBy, kind)) === this.#target;
  }

  /** Whether a run ends with a step that broke nothing: nobody can go on, or an actor that must finish cannot any more. */
  isAtRest(executor: Executor, actor: number, flags: number): boolean {
    if (executor.runnableCount === 0) return true;
    if (this.signature.kind !== 'deadlock' || (flags & StepFlag.Rests) === 0) return false;
    return new StuckActors(executor).deadlockedBy(actor);
  }

  /** Whether a run that is at rest shows the finding. */
  showsAtRest(executor: Executor): boolean {
    if (!this.#atEnd || executor.complete !== (this.signature.kind !== 'deadlock')) return false;
    const { signature } = atEnd(executor);
    return signature !== undefined && signatureText(signature) === this.#target;
  }

  /** Takes one step: undefined to go on, else whether it shows the finding. */
  #step(executor: Executor, actor: number, choice: number, taken: Step[]): boolean | undefined {
    const outcomes = executor.choicesOf(actor);
    const answer = outcomes === 0 ? 0 : choice >= 0 && choice < outcomes ? choice : 0;
    taken.push({ actor, choice: outcomes === 0 ? -1 : answer, call: executor.callsOf(actor) });
    const flags = executor.step(actor, answer);
    if ((flags & StepFlag.Violation) !== 0) {
      return this.shows(executor);
    }
    return this.isAtRest(executor, actor, flags) ? this.showsAtRest(executor) : undefined;
  }

  /** Runs what is left, staying with one actor as long as it can go on. */
  #finish(executor: Executor, taken: Step[]): boolean {
    while (executor.runnableCount > 0 && taken.length < STEP_BOUND) {
      const last = taken.at(-1)?.actor ?? 0;
      const actor = executor.canRun(last) ? last : executor.runnable[0];
      const found = this.#step(executor, actor, -1, taken);
      if (found !== undefined) return found;
    }
    return false;
  }
}
