/**
 * Shortest schedule: the run with the fewest context switches (then steps, then choices) that shows a finding.
 *
 * Iterative context bounding (Musuvathi, Qadeer, "Iterative Context Bounding for Systematic Testing of Multithreaded
 * Programs", PLDI 2007) as a best-first search: states are expanded in the order of what it costs to reach them, so the
 * first that shows the finding is the smallest there is, and the search ends when no state is left. Differs from the
 * paper in that every change of the running actor counts, not preemptions alone, and that states are remembered.
 * Used by the shrinker.
 */

import type { Executor } from '../core/run/executor.js';
import { StateSet } from '../core/run/state-set.js';
import { StepFlag } from '../core/run/step-flag.js';
import { CostQueue } from './cost-queue.js';
import type { Step } from './step-list.js';

/** What a search looks for. */
export interface Goals {
  /** Whether a step that has just broken something shows it. */
  shows(executor: Executor): boolean;
  /** Whether a run ends with a step, since an actor cannot go on any more. */
  isStuck(executor: Executor, actor: number, flags: number): boolean;
  /** Whether a run that broke nothing has come to it. */
  isReached(executor: Executor, isStuck: boolean): boolean;
}

/** What a search came to. */
export interface Shortest {
  /** The smallest run; undefined when none was found. */
  readonly steps: readonly Step[] | undefined;
  /** Whether the answer is final: false when the search was cut short at its limit. */
  readonly complete: boolean;
  /** States expanded. */
  readonly expanded: number;
}

// One number that compares as (context switches, steps, sum of choices): 2^16 choices, 2^20 steps, 2^17 switches fit.
const STEP = 2 ** 16;
const SWITCH = 2 ** 36;

/**
 * Finds the smallest run of an executor's scripts that comes to one of the goals.
 *
 * @param limit states after which the search is given up
 */
export function shortestSchedule(executor: Executor, goals: Goals, limit: number): Shortest {
  return new Search(executor, goals, limit).run();
}

/** One search. A node is a state of the program and the actor that ran last; a goal is a run that shows the finding. */
class Search {
  readonly #nodes: StateSet;
  readonly #queue = new CostQueue();
  /** By node: what it costs to be there, and how one gets there. */
  readonly #costs: number[] = [];
  readonly #from: { readonly node: number; readonly actor: number; readonly choice: number }[] = [];
  readonly #goals = new Set<number>();
  /** The state that is being expanded, the actor that ran last behind it. */
  readonly #here: Int32Array;
  readonly #reached: Int32Array;

  constructor(
    readonly executor: Executor,
    readonly goals: Goals,
    readonly limit: number,
  ) {
    // What calls returned lies behind the words that decide how a run goes on.
    const words = executor.results;
    this.#nodes = new StateSet(words + 1);
    this.#here = new Int32Array(words + 1);
    this.#reached = new Int32Array(words + 1);
  }

  run(): Shortest {
    this.executor.reset();
    this.#reach(-1, -1, -1, 0);
    for (let expanded = 0; ; expanded++) {
      const node = this.#next();
      if (node < 0) return { steps: undefined, complete: true, expanded };
      if (this.#goals.has(node)) return { steps: this.#pathTo(node), complete: true, expanded };
      if (expanded === this.limit) return { steps: undefined, complete: false, expanded };
      this.#expand(node);
    }
  }

  /** The cheapest node that was not expanded yet, or -1. */
  #next(): number {
    for (;;) {
      const cost = this.#queue.lowest;
      const node = this.#queue.take();
      // A node that was reached again at less cost is in the queue twice.
      if (node < 0 || this.#costs[node] === cost) return node;
    }
  }

  #expand(node: number): void {
    const { executor } = this;
    this.#nodes.read(node, this.#here);
    this.#load();
    const moves = Array.from(executor.runnable.subarray(0, executor.runnableCount), (actor) => ({
      actor,
      outcomes: executor.choicesOf(actor),
    }));
    for (const { actor, outcomes } of moves) {
      if (outcomes === 0) this.#take(node, actor, -1);
      else for (let choice = 0; choice < outcomes; choice++) this.#take(node, actor, choice);
    }
  }

  #take(from: number, actor: number, choice: number): void {
    const { executor, goals } = this;
    this.#load();
    const last = this.#here[this.#here.length - 1];
    const cost = this.#costs[from] + (last >= 0 && last !== actor ? SWITCH : 0) + STEP + Math.max(0, choice);
    const flags = executor.step(actor, Math.max(0, choice));
    if ((flags & StepFlag.Violation) !== 0) {
      if (goals.shows(executor)) this.#goal(from, actor, choice, cost);
      return;
    }
    const isStuck = goals.isStuck(executor, actor, flags);
    if (goals.isReached(executor, isStuck)) this.#goal(from, actor, choice, cost);
    else if (executor.runnableCount > 0 && !isStuck) this.#reach(from, actor, choice, cost);
  }

  #reach(from: number, actor: number, choice: number, cost: number): void {
    const { state } = this.executor;
    const last = this.#reached.length - 1;
    for (let word = 0; word < last; word++) this.#reached[word] = state[word];
    this.#reached[last] = actor;
    const node = this.#nodes.add(this.#reached);
    if (cost >= (this.#costs[node] ?? Number.POSITIVE_INFINITY)) return;
    this.#note(node, from, actor, choice, cost);
  }

  #goal(from: number, actor: number, choice: number, cost: number): void {
    const node = this.#nodes.addNew();
    this.#goals.add(node);
    this.#note(node, from, actor, choice, cost);
  }

  #note(node: number, from: number, actor: number, choice: number, cost: number): void {
    this.#costs[node] = cost;
    this.#from[node] = { node: from, actor, choice };
    this.#queue.put(cost, node);
  }

  #load(): void {
    this.executor.load(this.#here.subarray(0, this.#here.length - 1));
  }

  /** Which call of the actor a step belongs to that is taken at a node. */
  #callAt(node: number, actor: number): number {
    this.#nodes.read(node, this.#here);
    this.#load();
    return this.executor.callsOf(actor);
  }

  #pathTo(goal: number): Step[] {
    const steps: Step[] = [];
    for (let { node, actor, choice } = this.#from[goal]; actor >= 0; { node, actor, choice } = this.#from[node]) {
      steps.push({ actor, choice, call: this.#callAt(node, actor) });
    }
    return steps.reverse();
  }
}
