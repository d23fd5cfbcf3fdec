/**
 * Candidates: runs a list of steps leniently and tells whether the run still shows the finding.
 *
 * Lenient: an actor that cannot take its step is passed over, and the run ends with the list. Where the finding only
 * shows at the end of a run (a deadlock, a check of finished runs), the rest is run as well, with as few context
 * switches as it takes. What is returned is the run as it happened, so it replays strictly. Used by the shrinker.
 */

import type { Program } from '../core/program/program.js';
import { Executor } from '../core/run/executor.js';
import { Outlook } from '../core/run/outlook.js';
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
  #outlook: Outlook | undefined;
  /** Whether the last step went back to the head of a loop. */
  #wentRound = false;

  constructor(
    readonly program: Program,
    readonly signature: Signature,
  ) {
    this.#target = signatureText(signature);
    this.#atEnd = signature.kind === 'deadlock' || signature.function === '';
  }

  /** Whether the finding shows only at the end of a run. */
  get showsAtEnd(): boolean {
    return this.#atEnd;
  }

  /** The executor for a set of calls; one at a time is kept. */
  executorFor(kept: KeptCalls): Executor {
    const key = JSON.stringify(kept);
    if (this.#executor === undefined || this.#kept !== key) {
      this.#kept = key;
      this.#executor = new Executor(this.program, keepCalls(this.program.actors, kept));
      this.#outlook = undefined;
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

  /** Whether a run has come to its end with a step that broke nothing, as one does when an actor cannot go on any more. */
  isStuck(executor: Executor, actor: number, flags: number): boolean {
    if (this.signature.kind !== 'deadlock' || (flags & StepFlag.Rests) === 0) return false;
    return new StuckActors(executor).deadlockedBy(actor);
  }

  /** Whether a run shows the finding by having come to its end; `isStuck`: an actor cannot go on any more, whoever can. */
  isReached(executor: Executor, isStuck: boolean): boolean {
    if (!this.#atEnd || executor.complete !== (this.signature.kind !== 'deadlock')) return false;
    if (executor.runnableCount > 0 && !isStuck && !this.#isAsked(executor)) return false;
    const { signature } = atEnd(executor);
    return signature !== undefined && signatureText(signature) === this.#target;
  }

  /** Whether the checks of finished runs are asked although daemons go on. */
  #isAsked(executor: Executor): boolean {
    if (!executor.complete || this.signature.kind === 'deadlock') return false;
    const actors = Array.from({ length: executor.actors }, (_, actor) => executor.scriptOf(actor));
    this.#outlook ??= new Outlook(this.program, actors);
    return this.#outlook.isAsked(executor) === true;
  }

  /** Takes one step: undefined to go on, else whether it shows the finding. */
  #step(executor: Executor, actor: number, choice: number, taken: Step[]): boolean | undefined {
    const outcomes = executor.choicesOf(actor);
    const answer = outcomes === 0 ? 0 : choice >= 0 && choice < outcomes ? choice : 0;
    taken.push({ actor, choice: outcomes === 0 ? -1 : answer, call: executor.callsOf(actor) });
    const flags = executor.step(actor, answer);
    this.#wentRound = (flags & StepFlag.Again) !== 0;
    if ((flags & StepFlag.Violation) !== 0) return this.shows(executor);
    const isStuck = this.isStuck(executor, actor, flags);
    if (isStuck || executor.runnableCount === 0) return this.isReached(executor, isStuck);
    return this.isReached(executor, false) ? true : undefined;
  }

  /** Runs what is left, staying with one actor as long as it can go on without going round. */
  #finish(executor: Executor, taken: Step[]): boolean {
    let last = taken.at(-1)?.actor ?? 0;
    while (executor.runnableCount > 0 && taken.length < STEP_BOUND) {
      if (this.#wentRound) last = firstFrom(executor, last + 1);
      else if (!executor.canRun(last)) last = executor.runnable[0];
      const found = this.#step(executor, last, -1, taken);
      if (found !== undefined) return found;
    }
    return false;
  }
}

/** The first actor from that number on, and round, that can take a step. */
function firstFrom(executor: Executor, actor: number): number {
  for (let other = actor; other < executor.actors; other++) if (executor.canRun(other)) return other;
  return executor.runnable[0];
}
