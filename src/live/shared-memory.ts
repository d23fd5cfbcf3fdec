/**
 * The shared memory of a live run: one SharedArrayBuffer, carved up by plain arithmetic.
 *
 * Every thread builds the same views from the same program and number of threads, so only the buffer travels. In order:
 * control words, locks (lock-layout.ts), stripes, the words of the model in the layout of the other engines, what calls
 * returned, and counters for the statistics. Imported by the live engine.
 */

import type { Region } from '../core/ops/layout.js';
import { ACTORS_A_WORD, type Program } from '../core/program/program.js';
import { ACTOR_LOCK_WORDS, ActorField, type LockLayout, lockLayout } from './lock-layout.js';

/** Words of a cache line. */
const LINE = 16;

/** Control words; those that different threads write keep to different cache lines. */
export const LiveControl = {
  /** Number of the epoch that is running. */
  Epoch: 0,
  /** 1 + the actor whose violation ended the epoch; 0 while there is none. */
  Finder: 1,
  /** 1 + the thread that runs the world alone; 0 when each has its share of the actors. */
  Host: 2,
  /** Epochs in which one thread ran all actors, in the whole run; and those that came to their end. */
  Alone: 3,
  Finished: 4,
  /** 1 if every step excludes every other; 0 while the stripes of the model are enough. */
  Exact: 5,
  /** Threads that stand at the start of the epoch. */
  Ready: LINE,
  /** A coarse clock: each slice of steps takes the next number. */
  Order: 2 * LINE,
  /** Actors that must finish and have calls left, in mode once. */
  Due: 3 * LINE,
  /** Rounds after which a daemon rests when all that must finish have finished, in mode once. */
  Rounds: 3 * LINE + 1,
  /** Where the threads meet (meeting.ts). */
  Meeting: 4 * LINE,
} as const;

const CONTROL_WORDS = 5 * LINE;

/**
 * How often a daemon goes round after the others have finished: enough to do what is left to do. Before what it leaves
 * behind is called wrong, it goes round more often, up to the most.
 */
const FEWEST_ROUNDS = 16;
export const MOST_ROUNDS = 4096;

/** Where, behind its doorbell, a thread's mail is counted: each message that was posted to it adds one. */
const MAIL = 1;

/** Words of an actor behind those of the locks. */
export const ActorWord = {
  /** Calls completed in this epoch. */
  Calls: ACTOR_LOCK_WORDS,
} as const;

/** Counters of an actor, in the order of its floats; they grow over the whole run. Its own thread writes them. */
export const Counter = {
  Steps: 0,
  Calls: 1,
  /** Completed calls that did more than pass straight through without entering a function. */
  Faults: 2,
  /** Jumps back to the head of a retry loop. */
  Retries: 3,
  /** Locks that were not to be had at once. */
  Contended: 4,
  /** Time spent waiting for locks. */
  WaitedMs: 5,
} as const;

/** Floats of one actor: a cache line. */
export const COUNTERS = 8;

/** Number of stripes; a power of two. */
export const STRIPES = 8192;

/** The views of one run's memory. */
export class SharedMemory {
  readonly buffer: SharedArrayBuffer;
  /** Everything but the counters. */
  readonly words: Int32Array;
  readonly locks: LockLayout;
  /** One lock word a stripe (stripes.ts). */
  readonly stripes: Int32Array;
  /** The model's words; index = word of the layout. Unless `latchWords`, those of latches are used by tokens only. */
  readonly model: Int32Array;
  /** Mode once, behind the words of the model: what each call of each actor returned, actor by actor. */
  readonly results: Int32Array;
  /** COUNTERS floats an actor. */
  readonly counters: Float64Array;
  /** First lock of each latch region, by its base word; cells of a region follow each other. */
  readonly lockOf: ReadonlyMap<number, number>;
  /** First token of each latch region, likewise. Which of the two a latch is, its ops decide. */
  readonly tokenOf: ReadonlyMap<number, number>;
  /** What an actor remembers of each token before it takes it: a value that counts as changed if the model says so. */
  readonly neverTaken: Int32Array;
  /** What the model's words hold at first. */
  readonly #initial: Int32Array;
  /** By actor: where its results begin. */
  readonly #resultsOf: readonly number[];
  readonly #due: number;

  /** @param buffer that of another thread; a new one by default */
  constructor(
    readonly program: Program,
    readonly threads: number,
    buffer?: SharedArrayBuffer,
  ) {
    const actors = program.actors.length;
    const initial = program.layout.initial();
    this.#initial = initial;
    // An actor without calls has finished before it begins, and says so at the end of none.
    this.#due = program.actors.filter(({ daemon, calls }) => !daemon && calls.length > 0).length;
    let results = 0;
    this.#resultsOf = program.actors.map(({ calls }) => {
      results += calls.length;
      return results - calls.length;
    });
    const latches = program.layout.regions.filter(({ kind, isPlane }) => kind === 'latch' && !isPlane);
    // A latch that starts with every bit set is no lock, and one of several words no token.
    const [lockOf, locks] = numbered(latches.filter(({ base }) => initial[base] === 0));
    const [tokenOf, tokens] = numbered(latches.filter(({ width }) => width === 1));
    this.lockOf = lockOf;
    this.tokenOf = tokenOf;
    this.neverTaken = new Int32Array(tokens);
    for (const { base, count } of latches) {
      const first = tokenOf.get(base);
      // As long ago as can be: nobody advances a token that often.
      if (first !== undefined && initial[base] !== 0) this.neverTaken.fill(-0x80000000, first, first + count);
    }
    // The books of the actors name a lock even where there is none.
    const layout = lockLayout({ locks: Math.max(1, locks), actors, threads }, CONTROL_WORDS);
    const stripes = lines(layout.end);
    const model = stripes + STRIPES;
    const returned = lines(model + program.layout.words);
    const counters = lines(returned + results);
    this.buffer = buffer ?? new SharedArrayBuffer(counters * 4 + actors * COUNTERS * 8);
    this.locks = packed(layout);
    this.words = new Int32Array(this.buffer, 0, counters);
    this.stripes = new Int32Array(this.buffer, stripes * 4, STRIPES);
    this.model = new Int32Array(this.buffer, model * 4, program.layout.words);
    this.results = new Int32Array(this.buffer, returned * 4, results);
    this.counters = new Float64Array(this.buffer, counters * 4, actors * COUNTERS);
    if (program.stripes === undefined) this.words[LiveControl.Exact] = 1;
  }

  /** Index in `words` of one of the ActorWord fields of an actor. */
  actorWord(actor: number, field: number): number {
    return this.locks.actorBase + actor * this.locks.actorStride + field;
  }

  /** What the calls of an actor returned, in mode once. */
  resultsOf(actor: number): Int32Array {
    const first = this.#resultsOf[actor];
    return this.results.subarray(first, first + this.program.actors[actor].calls.length);
  }

  /** A lock's name as traces print it. */
  lockName(lock: number): string {
    const { layout } = this.program;
    const region = layout.regions.find(({ base, count }) => {
      const first = this.lockOf.get(base);
      return first !== undefined && lock >= first && lock < first + count;
    });
    return region === undefined ? `lock ${lock}` : layout.nameOf(region.base + lock - this.lockOf.get(region.base)!);
  }

  /** Index in `words` of the number of messages posted to a thread. */
  mailWord(thread: number): number {
    return this.locks.doorbellBase + thread * this.locks.doorbellStride + MAIL;
  }

  /** Number of the epoch that is running. */
  get epoch(): number {
    return Atomics.load(this.words, LiveControl.Epoch);
  }

  /** Whether every step excludes every other, and not only those that the stripes of the model say. */
  get exact(): boolean {
    return Atomics.load(this.words, LiveControl.Exact) !== 0;
  }

  /** Whether latches are words of the model, with a bit an actor; else locks with queues, and counters, stand for them. */
  get latchWords(): boolean {
    return this.exact && this.program.actors.length <= ACTORS_A_WORD;
  }

  /** The thread that runs the world alone, or -1. */
  get alone(): number {
    return Atomics.load(this.words, LiveControl.Host) - 1;
  }

  /** The thread that hosts an actor. */
  hostOf(actor: number): number {
    return this.words[this.actorWord(actor, ActorField.Thread)];
  }

  /** From now on a thread hosts all actors, or (-1) each its share: the actors that come round to it. */
  runsAlone(thread: number): void {
    for (let actor = 0; actor < this.locks.actors; actor++) {
      this.words[this.actorWord(actor, ActorField.Thread)] = thread < 0 ? actor % this.threads : thread;
    }
    Atomics.store(this.words, LiveControl.Host, thread + 1);
  }

  /**
   * A step of an actor is refused: whether the epoch ends with that, as nobody was first. Said before a stripe is let go:
   * what a section has stored by then is in its place, and what others make of that is no finding.
   */
  finds(actor: number): boolean {
    const first = Atomics.compareExchange(this.words, LiveControl.Finder, 0, actor + 1);
    return first === 0 || first === actor + 1;
  }

  /**
   * Brings everything but the locks, stripes and counters back to the start of an epoch. No thread may run meanwhile. A
   * stripe that nobody holds needs no reset.
   */
  resetWorld(epoch: number): void {
    this.model.set(this.#initial);
    this.results.fill(0);
    for (let actor = 0; actor < this.locks.actors; actor++) this.words[this.actorWord(actor, ActorWord.Calls)] = 0;
    this.words[LiveControl.Finder] = 0;
    this.words[LiveControl.Ready] = 0;
    this.words[LiveControl.Order] = 0;
    this.words[LiveControl.Due] = this.#due;
    this.words[LiveControl.Rounds] = FEWEST_ROUNDS;
    // The threads are told afterwards, by a message and a doorbell; this store orders all the others before that.
    Atomics.store(this.words, LiveControl.Epoch, epoch);
  }
}

/**
 * The layout as the compiler likes it, for the locks look at it at every op: an object made in one piece, of numbers that
 * are plainly integers.
 */
function packed(layout: LockLayout): LockLayout {
  return {
    locks: layout.locks | 0,
    lockBase: layout.lockBase | 0,
    lockStride: layout.lockStride | 0,
    actors: layout.actors | 0,
    actorBase: layout.actorBase | 0,
    actorStride: layout.actorStride | 0,
    threads: layout.threads | 0,
    doorbellBase: layout.doorbellBase | 0,
    doorbellStride: layout.doorbellStride | 0,
    command: layout.command | 0,
  };
}

function lines(words: number): number {
  return Math.ceil(words / LINE) * LINE;
}

/** Numbers the cells of regions: the first number of each region by its base word, and how many there are. */
function numbered(regions: readonly Region[]): [ReadonlyMap<number, number>, number] {
  const first = new Map<number, number>();
  let next = 0;
  for (const { base, count } of regions) {
    first.set(base, next);
    next += count;
  }
  return [first, next];
}
