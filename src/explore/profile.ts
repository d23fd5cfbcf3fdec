/**
 * Profile: what a strategy needs to know of a program before its first schedule, measured with random walks.
 *
 * It is made once, from the seed, and sent to every shard: a shard that profiled by itself would schedule by other
 * numbers than its neighbour. Plain data, so that it can travel to a worker thread.
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
  /** Steps of the longest run. */
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
  const executor = new Executor(program);
  const random = new Random(seed, STREAM);
  const events = Array.from({ length: executor.actors }, () => new Int32Array(program.layout.words));
  const written = new Uint8Array(program.layout.words);
  let longestRun = 0;
  for (let run = 0; run < RUNS; run++) {
    executor.reset();
    let steps = 0;
    while (executor.runnableCount > 0 && steps < stepBound && executor.violation === undefined) {
      const actor = executor.runnable[random.below(executor.runnableCount)];
      const word = executor.pendingWord(actor);
      if (word >= 0) {
        events[actor][word]++;
        if (executor.pendingWrites(actor)) written[word] = 1;
      }
      const outcomes = executor.choicesOf(actor);
      executor.step(actor, outcomes === 0 ? 0 : random.below(outcomes));
      steps++;
    }
    longestRun = Math.max(longestRun, steps);
  }
  const shared: SharedWord[] = [];
  for (let word = 0; word < written.length; word++) {
    if (written[word] === 0 || events.filter((counts) => counts[word] > 0).length < 2) continue;
    shared.push({ word, events: events.map((counts) => Math.ceil(counts[word] / RUNS)) });
  }
  return { longestRun, shared };
}
