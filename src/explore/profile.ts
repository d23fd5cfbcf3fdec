/**
 * Profile: what a strategy needs to know of a program before its first schedule, measured with random walks.
 *
 * It is made once, from the seed, and sent to every shard: a shard that profiled by itself would schedule by other
 * numbers than its neighbour. Plain data, so that it can travel to a worker thread. What counts are walks that ended: one
 * that goes round until it is given up would tell of nothing but the bound. When none ended, each counts up to where it
 * last ran an op that it had not run before.
 */

import type { Program } from '../core/program/program.js';
import { Random } from '../core/random.js';
import { Executor } from '../core/run/executor.js';

/** A word that several actors touch and at least one writes. */
export interface SharedWord {
  readonly word: number;
  /** Per actor: the mean number of its ops on the word in a run, rounded up. */
  readonly events: readonly number[];
}

/** What random walks showed of a program. */
export interface Profile {
  /** Steps of the longest walk. */
  readonly longestRun: number;
  /** Ascending by word. */
  readonly shared: readonly SharedWord[];
}

/** Number of random walks in a profile. */
const RUNS = 64;
/** Stream of random numbers that no block has. */
const STREAM = 0x7fff_ffff;

/** Profiles a program with random walks of at most `stepBound` steps each. */
export function profileOf(program: Program, seed: bigint, stepBound: number): Profile {
  const walker = new Walker(program, new Random(seed, STREAM), stepBound);
  const ended = new Measure(program);
  const givenUp = new Measure(program);
  for (let run = 0; run < RUNS; run++) {
    const hasEnded = walker.walk();
    (hasEnded ? ended : givenUp).add(walker, hasEnded ? walker.steps : walker.fresh);
  }
  return (ended.walks > 0 ? ended : givenUp).profile();
}

/** Takes walks; what is known is of the last. */
class Walker {
  /** Steps of the walk. */
  steps = 0;
  /** Steps up to and with the last that ran an op which had not run before in the walk. */
  fresh = 0;
  /** Per step: who took it, the word that it was on (-1: none) and whether it could write it. */
  readonly actors: Uint8Array;
  readonly words: Int32Array;
  readonly writes: Uint8Array;
  readonly #executor: Executor;

  constructor(
    program: Program,
    readonly random: Random,
    readonly stepBound: number,
  ) {
    this.#executor = new Executor(program);
    this.actors = new Uint8Array(stepBound);
    this.words = new Int32Array(stepBound);
    this.writes = new Uint8Array(stepBound);
  }

  /** Whether the walk came to an end. */
  walk(): boolean {
    const { random, stepBound } = this;
    const executor = this.#executor;
    const nodes = new Set<number>();
    let steps = 0;
    executor.reset();
    while (executor.runnableCount > 0 && steps < stepBound && executor.violation === undefined) {
      const actor = executor.runnable[random.below(executor.runnableCount)];
      const known = nodes.size;
      nodes.add(executor.nodeOf(actor));
      this.actors[steps] = actor;
      this.words[steps] = executor.pendingWord(actor);
      this.writes[steps] = executor.pendingWrites(actor) ? 1 : 0;
      const outcomes = executor.choicesOf(actor);
      executor.step(actor, outcomes === 0 ? 0 : random.below(outcomes));
      steps++;
      if (nodes.size > known) this.fresh = steps;
    }
    this.steps = steps;
    return executor.runnableCount === 0 || executor.violation !== undefined;
  }
}

/** Sums up walks. */
class Measure {
  walks = 0;
  #longest = 1;
  /** Per actor and word: ops on it. */
  readonly #events: readonly Int32Array[];
  readonly #written: Uint8Array;

  constructor({ actors, layout }: Program) {
    this.#events = actors.map(() => new Int32Array(layout.words));
    this.#written = new Uint8Array(layout.words);
  }

  /** Adds the first steps of a walk. */
  add({ actors, words, writes }: Walker, steps: number): void {
    this.walks++;
    this.#longest = Math.max(this.#longest, steps);
    for (let step = 0; step < steps; step++) {
      const word = words[step];
      if (word < 0) continue;
      this.#events[actors[step]][word]++;
      if (writes[step] === 1) this.#written[word] = 1;
    }
  }

  profile(): Profile {
    const shared: SharedWord[] = [];
    for (let word = 0; word < this.#written.length; word++) {
      const counts = this.#events.map((events) => events[word]);
      if (this.#written[word] === 0 || counts.filter((count) => count > 0).length < 2) continue;
      shared.push({ word, events: counts.map((count) => Math.ceil(count / this.walks)) });
    }
    return { longestRun: this.#longest, shared };
  }
}
