/**
 * Walks: random runs that show which values cells hold and ops return, before anything is completed over them. What
 * they miss the search will meet (met.ts); then more of them go on from there. Used by `verify`.
 */

import { Opcode } from '../core/ops/op.js';
import type { Program } from '../core/program/program.js';
import { Random } from '../core/random.js';
import { Executor } from '../core/run/executor.js';
import type { Schedule } from '../core/schedule.js';
import { opAt } from '../core/story/signature.js';
import type { Met } from './met.js';

const WALKS = 256;
/** By turns, a walk changes actors at every step, or stays with each for about so many: some sights take one that is late. */
const STAYS = [1, 8];
/** The same after a surprise: a search may meet many. */
const MORE_WALKS = 16;
/** Steps after which a walk is given up: retry loops have no end of their own. */
const LONGEST = 2_000;
/** Results in one call after which a walk is given up: a loop without a retry makes a new local state of each. */
const DEEPEST = 400;

/** Takes random runs of a program. */
export class Walks {
  readonly executor: Executor;
  readonly #random = new Random(1n);

  constructor(
    readonly program: Program,
    met: Met,
  ) {
    const initial = program.layout.initial();
    for (const { base, count, width } of program.layout.regions) {
      for (let word = base; word < base + count * width; word++) met.addValue(base, initial[word]);
    }
    this.executor = new Executor(program);
    this.executor.observer = (_actor, node, _word, seen, result) => {
      const { code, region } = program.automaton.opOf(node).spec;
      if (code === Opcode.Word && region !== undefined) met.addValue(region.base, seen);
      met.addResult(node, result);
    };
  }

  /** The op that was run last, for whoever cuts a walk off. */
  get underWay(): string {
    return opAt(this.program.automaton, this.executor.runsAt);
  }

  /** Takes runs from the beginning. */
  fromStart(): void {
    this.executor.reset();
    this.#fromHere(WALKS);
  }

  /** Takes runs that begin with a schedule. */
  after({ steps, choices }: Schedule): void {
    const { executor } = this;
    executor.reset();
    let answered = 0;
    for (const actor of steps) executor.step(actor, executor.choicesOf(actor) > 0 ? choices[answered++] : 0);
    this.#fromHere(MORE_WALKS);
  }

  #fromHere(walks: number): void {
    const { executor } = this;
    const state = executor.state.slice();
    for (let run = 0; run < walks; run++) {
      executor.load(state);
      this.#run(STAYS[run % STAYS.length]);
    }
  }

  #run(stays: number): void {
    const { executor } = this;
    let actor = -1;
    for (let steps = 0; steps < LONGEST && executor.runnableCount > 0 && executor.violation === undefined; steps++) {
      if (actor < 0 || !executor.canRun(actor) || this.#random.below(stays) === 0) {
        actor = executor.runnable[this.#random.below(executor.runnableCount)];
      }
      const outcomes = executor.choicesOf(actor);
      executor.step(actor, outcomes === 0 ? 0 : this.#random.below(outcomes));
      if (executor.automaton.info(executor.nodeOf(actor)).depth > DEEPEST) return;
    }
  }
}
