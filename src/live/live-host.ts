/**
 * Live host: the actors that a thread runs, and how it runs them: slice by slice, passing over those that wait for locks.
 * Used by the live thread, once for its share of a world and once for worlds that it runs alone.
 */

import { type LiveActor, Queued } from './live-actor.js';
import { LiveCode } from './live-code.js';
import type { LiveExecutor } from './live-executor.js';
import { Outcome, type OutcomeValue } from './live-settings.js';
import type { RwLocks } from './rw-lock.js';
import { COUNTERS, Counter, type SharedMemory } from './shared-memory.js';

/** Actors with the executor that runs them. */
export class LiveHost {
  readonly actors: readonly LiveActor[];

  constructor(
    readonly memory: SharedMemory,
    readonly locks: RwLocks,
    readonly executor: LiveExecutor,
  ) {
    this.actors = executor.actors;
  }

  /**
   * Runs up to `steps` steps of the actor in a slot. Undefined while it waits for a lock, Blocked when it begins to.
   */
  run(slot: number, steps: number): OutcomeValue | undefined {
    const actor = this.actors[slot];
    if (actor.queued !== Queued.No && !actor.awake(this.locks)) return undefined;
    const outcome = this.executor.run(slot, steps);
    if (actor.waitsSinceMs !== 0 && actor.at !== actor.waitsAt) this.#woke(actor);
    if (outcome === Outcome.Blocked || (outcome === Outcome.Polling && actor.at.code === LiveCode.Latch)) {
      this.#blocks(actor);
    }
    return outcome;
  }

  /** Mode once: whether one of the actors can go on, as far as the thread sees now. */
  get canGoOn(): boolean {
    const { executor, locks } = this;
    return this.actors.some((actor) => {
      if (actor.at.code === LiveCode.Done || actor.rests || !actor.awake(locks)) return false;
      return !actor.script.gated && executor.enabled(actor);
    });
  }

  /** Whether one of the actors got the lock that it waits for. */
  get wasGranted(): boolean {
    return this.actors.some((actor) => actor.queued === Queued.Waiting && actor.awake(this.locks));
  }

  /** Steps that the actor in a slot has made in the whole run. */
  stepsOf(slot: number): number {
    return this.memory.counters[this.actors[slot].number * COUNTERS + Counter.Steps];
  }

  /** Steps of all actors. */
  get steps(): number {
    return this.actors.reduce((sum, _, slot) => sum + this.stepsOf(slot), 0);
  }

  #blocks(actor: LiveActor): void {
    if (actor.waitsSinceMs !== 0) return;
    actor.waitsSinceMs = performance.now();
    actor.waitsAt = actor.at;
    actor.at.detours++;
    this.memory.counters[actor.number * COUNTERS + Counter.Contended]++;
  }

  #woke(actor: LiveActor): void {
    const waitedMs = performance.now() - actor.waitsSinceMs;
    actor.waitsSinceMs = 0;
    if (actor.waitsAt !== undefined) actor.waitsAt.waitedMs += waitedMs;
    this.memory.counters[actor.number * COUNTERS + Counter.WaitedMs] += waitedMs;
  }
}
