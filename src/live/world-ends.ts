/**
 * World ends: what becomes of a world in which no actor can go on, where each call is made once.
 *
 * One that has come to its end and is whole is reset at once, which costs some microseconds. Before the threads share one
 * again, the thread that came last runs some alone, all actors by turns, for about as long as the shared one took: short
 * calls on different threads hardly meet, and on a busy machine the threads themselves do not. Anything else is for the
 * supervisor to look at. Used by the live thread.
 */

import { Audit } from './audit.js';
import type { LiveTask } from './messages.js';
import type { RwLocks } from './rw-lock.js';
import { LiveControl, MOST_ROUNDS, type SharedMemory } from './shared-memory.js';

/** How long a thread runs worlds alone at a time, at most. */
const LONGEST_ALONE_MS = 50;

/** What comes next. */
export type AfterWorld =
  /** The supervisor has to look at it. */
  | 'supervisor'
  /** The world is not at its end yet after all. */
  | 'same'
  /** Another world, which this thread runs alone; the others go on waiting. */
  | 'alone'
  /** Another world, of which each thread has its share. */
  | 'shared';

/** The ends of the worlds that one thread decides about. */
export class WorldEnds {
  readonly #audit: Audit;
  /** When it goes back to worlds that are shared. */
  #aloneUntilMs = 0;

  constructor(
    readonly memory: SharedMemory,
    readonly locks: RwLocks,
    readonly task: LiveTask,
  ) {
    this.#audit = new Audit(memory.program);
  }

  /** A world that was shared since a moment is over: no actor of any thread can go on. */
  ofShared(beganMs: number): AfterWorld {
    const nowMs = performance.now();
    this.#aloneUntilMs = nowMs + Math.min(LONGEST_ALONE_MS, nowMs - beganMs);
    return this.ofAny();
  }

  /** No actor can go on in a world that all threads share, or that this one runs alone. */
  ofAny(): AfterWorld {
    if (this.#isWhole) return this.#renew();
    return this.#goesRoundAgain() ? 'same' : 'supervisor';
  }

  /** Whether the world has come to its end, nothing is wrong with it and another one follows. */
  get #isWhole(): boolean {
    const { words, model, epoch } = this.memory;
    const { epochs, tellsEnds } = this.task;
    const isFinished = Atomics.load(words, LiveControl.Due) === 0;
    return isFinished && !tellsEnds && epoch < epochs && this.#audit.finished(model) === undefined;
  }

  /**
   * Whether the daemons go round more often before it is said that something is wrong: what must hold at the end is asked
   * where they can only repeat themselves, and not while one still has something to do.
   */
  #goesRoundAgain(): boolean {
    const { words, model } = this.memory;
    const rounds = Atomics.load(words, LiveControl.Rounds);
    const isFinished = Atomics.load(words, LiveControl.Due) === 0;
    if (!isFinished || rounds >= MOST_ROUNDS || this.#audit.finished(model) === undefined) return false;
    Atomics.store(words, LiveControl.Rounds, 4 * rounds);
    return true;
  }

  /** Begins another world, of this thread alone or of all. */
  #renew(): AfterWorld {
    const { memory, task } = this;
    Atomics.add(memory.words, LiveControl.Finished, 1);
    const alone = performance.now() < this.#aloneUntilMs;
    // Before the epoch is a new one, or another thread might take its share of it for its own.
    if (alone) memory.runsAlone(task.thread);
    memory.resetWorld(memory.epoch + 1);
    this.locks.reset();
    if (!alone) memory.runsAlone(-1);
    return alone ? 'alone' : 'shared';
  }
}
