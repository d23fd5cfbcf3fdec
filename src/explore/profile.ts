/**
 * Profile: what a strategy needs to know of a program before its first schedule, measured with random walks.
 *
 * It is made once and sent to every shard: a shard that profiled by itself would schedule by other numbers than its
 * neighbour. Plain data, so that it can travel to a worker thread. What counts are walks that ended: one that goes round
 * until it is given up would tell of nothing but the bound. When none ended, each counts up to where it last ran an op that
 * it had not run before. The walks are the same for every seed of a run, so that the stream, which is made of what they show
 * too, knows no seed.
 */

import { ModelError } from '../core/errors.js';
import type { Program } from '../core/program/program.js';
import { Random } from '../core/random.js';
import { Executor } from '../core/run/executor.js';
import { Facts } from './facts.js';
import { type RacingFacts, Sharing } from './sharing.js';

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
  /** Steps that may race, of the walk with most of them; at least 1. */
  readonly mostVisible: number;
  /** What races. */
  readonly racing: RacingFacts;
  /** Ascending by word. */
  readonly shared: readonly SharedWord[];
}

/** Number of random walks in a profile, how many steps one may take, and all before no more is begun. */
const RUNS = 64;
const LONGEST = 50_000;
const MOST_STEPS = 200_000;
/** Seed of the walks, and a stream of random numbers that no block has. */
const SEED = 1n;
const STREAM = 0x7fff_ffff;

/** Profiles a program with random walks of at most `stepBound` steps each; what they show of its words goes to `sharing`. */
export function profileOf(program: Program, stepBound: number, sharing = new Sharing(program)): Profile {
  const walker = new Walker(program, new Random(SEED, STREAM), Math.min(stepBound, LONGEST));
  const ended = new Measure(program);
  const givenUp = new Measure(program);
  /** The nodes at which the steps of each walk began, as far as they count. */
  const nodes = { ended: [] as Int32Array[], givenUp: [] as Int32Array[] };
  let steps = 0;
  for (let run = 0; run < RUNS && steps < MOST_STEPS; run++) {
    let hasEnded = false;
    try {
      hasEnded = walker.walk(sharing);
    } catch (error) {
      // A rule of modelling that a walk breaks is for a schedule to name: it shows how to come there.
      if (!(error instanceof ModelError)) throw error;
    }
    steps += walker.steps + 1;
    const counting = hasEnded ? walker.steps : walker.fresh;
    (hasEnded ? ended : givenUp).add(walker, counting);
    nodes[hasEnded ? 'ended' : 'givenUp'].push(walker.nodes.slice(0, counting));
  }
  const racing = sharing.facts();
  const facts = new Facts(program, racing);
  const walks = nodes.ended.length > 0 ? nodes.ended : nodes.givenUp;
  const visible = walks.map((walk) => walk.reduce((sum, node) => sum + (facts.isPrivate(node) ? 0 : 1), 0));
  const measured = (ended.walks > 0 ? ended : givenUp).measured();
  return { ...measured, racing, mostVisible: Math.max(1, ...visible) };
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
  /** Per step: the node at which it began. */
  readonly nodes: Int32Array;
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
    this.nodes = new Int32Array(stepBound);
  }

  /** Whether the walk came to an end; `sharing` is told where the actors are. */
  walk(sharing: Sharing): boolean {
    const { random, stepBound } = this;
    const executor = this.#executor;
    const nodes = new Set<number>();
    this.steps = 0;
    this.fresh = 0;
    executor.reset();
    for (let actor = 0; actor < executor.actors; actor++) sharing.arrived(actor, executor.nodeOf(actor));
    while (executor.runnableCount > 0 && this.steps < stepBound && executor.violation === undefined) {
      const { steps } = this;
      const actor = executor.runnable[random.below(executor.runnableCount)];
      const known = nodes.size;
      nodes.add(executor.nodeOf(actor));
      this.actors[steps] = actor;
      this.words[steps] = executor.pendingWord(actor);
      this.writes[steps] = executor.pendingWrites(actor) ? 1 : 0;
      this.nodes[steps] = executor.nodeOf(actor);
      const outcomes = executor.choicesOf(actor);
      executor.step(actor, outcomes === 0 ? 0 : random.below(outcomes));
      sharing.grew();
      sharing.arrived(actor, executor.nodeOf(actor));
      if (executor.violation !== undefined) sharing.refused(executor.runsAt);
      this.steps++;
      if (nodes.size > known) this.fresh = this.steps;
    }
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

  measured(): Pick<Profile, 'longestRun' | 'shared'> {
    const shared: SharedWord[] = [];
    for (let word = 0; word < this.#written.length; word++) {
      const counts = this.#events.map((events) => events[word]);
      if (this.#written[word] === 0 || counts.filter((count) => count > 0).length < 2) continue;
      shared.push({ word, events: counts.map((count) => Math.ceil(count / this.walks)) });
    }
    return { longestRun: this.#longest, shared };
  }
}
