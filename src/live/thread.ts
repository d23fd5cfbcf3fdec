/**
 * The live thread: hosts actors, runs them slice by slice, and is quiet when the supervisor wants it quiet.
 *
 * The thread never returns to its event loop while it lives: it looks at the command word before every step, sleeps on
 * its doorbell when none of its actors can go on, and reads its mailbox while it is paused. (Measured on Node 20, a thread
 * that is woken from Atomics.wait runs after 14 microseconds, one that waits by waitAsync or for a message after 22 to 31.)
 * A blocked actor is passed over; its neighbours go on. Used by workers/live.ts.
 */

import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { receiveMessageOnPort, threadId } from 'node:worker_threads';
import type { Program } from '../core/program/program.js';
import { Random } from '../core/random.js';
import { withoutNumbers } from '../core/story/signature.js';
import { type LiveActor, Queued } from './live-actor.js';
import { LiveExecutor } from './live-executor.js';
import { Outcome } from './live-settings.js';
import { actorStory, foundBy, stateOf } from './live-story.js';
import { LocalRwLocks } from './local-lock.js';
import { Command } from './lock-layout.js';
import type { ActorState, LiveTask, ThreadCommand, ThreadMessage } from './messages.js';
import { Perturbation } from './perturbation.js';
import type { RwLocks } from './rw-lock.js';
import { Doorbell } from './shared-doorbell.js';
import { LockAbandoned } from './shared-guard.js';
import { SharedRwLocks } from './shared-lock.js';
import { COUNTERS, Counter, LiveControl, SharedMemory } from './shared-memory.js';
import { takeCounts } from './thread-counts.js';

/** Steps in a slice of an actor that has the thread to itself. */
const OWN_SLICE = 1024;

/** Slices of actors that share a thread have 1, 2, 4, ... steps, up to 2 to the power of this minus 1. */
const SHARED_SLICES = 7;

/** Looks at the grants before the thread sleeps, if it has a core of its own: some microseconds. */
const SPINS = 300;

/** Sleeps between two looks at a value that an actor waits for. */
const SHORTEST_NAP_MS = 0.02;
const LONGEST_NAP_MS = 1;

/** How long a thread waits at the start of an epoch for the others to arrive there. */
const START_MS = 2;

/** Hosts the actors of one task. */
export class LiveThread {
  readonly #memory: SharedMemory;
  readonly #locks: RwLocks;
  readonly #executor: LiveExecutor;
  readonly #bell: Doorbell;
  readonly #random: Random;
  readonly #latencies = new Map<string, RecordableHistogram>();
  /** Latencies that the supervisor has: a histogram is shared once it was sent. */
  readonly #sent = new Set<string>();
  readonly #mail: number;
  /** Whether it was told that no actor can go on, since one last did. */
  #settled = false;
  #napMs = SHORTEST_NAP_MS;

  constructor(
    readonly task: LiveTask,
    readonly program: Program,
  ) {
    this.#memory = new SharedMemory(program, task.threads, task.buffer);
    const { words, locks: layout } = this.#memory;
    this.#locks = task.locks === 'local' ? new LocalRwLocks(words, layout) : new SharedRwLocks(words, layout);
    this.#bell = new Doorbell(words, layout.doorbellBase + task.thread * layout.doorbellStride);
    this.#mail = this.#memory.mailWord(task.thread);
    this.#random = new Random(task.seed, THREAD_STREAMS + task.thread);
    const shares = task.actors.length > 1;
    this.#executor = new LiveExecutor(this.#memory, this.#locks, task.actors, {
      mode: task.mode,
      seed: task.seed,
      choose: (actor, count) => this.#choose(actor, count),
      perturbation: task.perturb > 0 ? new Perturbation(task.perturb, shares, this.#random) : undefined,
      latencyOf: (name) => this.#latencyOf(withoutNumbers(name)),
    });
  }

  /** Obeys the supervisor until it says stop. */
  obey(): void {
    this.#post({ message: 'ready', threadId });
    for (;;) {
      const command = this.#nextCommand();
      switch (command.command) {
        case 'run':
          if (command.fresh) this.#begin();
          this.#runUnlessAbandoned();
          this.#post({ message: 'paused', actors: this.#states });
          break;
        case 'look':
          this.#post({ message: 'looked', actors: this.#states });
          break;
        case 'tell':
          this.#post({
            message: 'told',
            actors: this.#executor.actors.map((actor) => actorStory(this.program, actor, command.word)),
          });
          break;
        case 'count':
          this.#post({
            message: 'counted',
            part: { ...takeCounts(this.#executor.nodes), latencies: this.#newLatencies() },
          });
          break;
        case 'stop':
          return;
      }
    }
  }

  #nextCommand(): ThreadCommand {
    const { words } = this.#memory;
    for (;;) {
      const seen = Atomics.load(words, this.#mail);
      // A thread that is being terminated may be handed an empty message on its way out.
      const received = receiveMessageOnPort(this.task.port)?.message as ThreadCommand | undefined;
      if (received !== undefined) return received;
      this.#bell.block(() => Atomics.load(words, this.#mail) !== seen);
    }
  }

  #begin(): void {
    if (this.#locks instanceof LocalRwLocks) this.#locks.reset();
    this.#executor.reset();
    const { words } = this.#memory;
    Atomics.add(words, LiveControl.Ready, 1);
    if (!this.task.ownCore) return;
    // Small models are over before the second thread has woken: start together, or there is no race.
    const end = performance.now() + START_MS;
    while (Atomics.load(words, LiveControl.Ready) < this.task.threads && !this.#interrupted && performance.now() < end);
  }

  get #states(): ActorState[] {
    return this.#executor.actors.map((actor) => stateOf(this.#executor, actor));
  }

  get #interrupted(): boolean {
    return Atomics.load(this.#memory.words, this.#memory.locks.command) !== Command.Run;
  }

  /** Runs the actors; gives up where a thread that died holds what this one needs, for the epoch is broken then. */
  #runUnlessAbandoned(): void {
    try {
      this.#run();
    } catch (error) {
      if (!(error instanceof LockAbandoned)) throw error;
    }
  }

  /** Runs the actors until the command word interrupts. */
  #run(): void {
    const { actors } = this.#executor;
    this.#settled = false;
    let first = 0;
    while (!this.#interrupted) {
      let ran = false;
      let polls = false;
      for (let k = 0; k < actors.length; k++) {
        const slot = (first + k) % actors.length;
        const actor = actors[slot];
        if (actor.queued !== Queued.No && !this.#woke(actor)) continue;
        const before = this.#steps(actor);
        const outcome = this.#executor.run(slot, this.#slice());
        if (outcome === Outcome.Interrupted) return;
        if (outcome === Outcome.Refused) {
          this.#found(actor);
          return;
        }
        if (outcome === Outcome.Blocked) this.#blocks(actor);
        if (outcome === Outcome.Polling) polls = true;
        ran ||= outcome === Outcome.Slice || this.#steps(actor) !== before;
      }
      first = (first + 1) % actors.length;
      if (ran) {
        this.#settled = false;
        this.#napMs = SHORTEST_NAP_MS;
      } else this.#idle(polls);
    }
  }

  #steps(actor: LiveActor): number {
    return this.#memory.counters[actor.number * COUNTERS + Counter.Steps];
  }

  /**
   * Actors of one thread take turns at distances that differ in their order of magnitude: some windows are a step wide
   * and others a call.
   */
  #slice(): number {
    return this.task.actors.length === 1 ? OWN_SLICE : 1 << this.#random.below(SHARED_SLICES);
  }

  #idle(polls: boolean): void {
    const ready = () => this.#interrupted || this.#executor.actors.some((actor) => this.#grantedTo(actor));
    if (this.task.ownCore) for (let spins = 0; spins < SPINS; spins++) if (ready()) return;
    if (!this.#settled && this.task.mode === 'once') {
      this.#settled = true;
      this.#post({ message: 'settled' });
    }
    if (!polls) {
      this.#bell.block(ready);
      return;
    }
    this.#bell.block(ready, this.#napMs);
    this.#napMs = Math.min(2 * this.#napMs, LONGEST_NAP_MS);
  }

  #grantedTo(actor: LiveActor): boolean {
    return actor.queued === Queued.Waiting && actor.awake(this.#locks);
  }

  #blocks(actor: LiveActor): void {
    if (actor.waitsSinceMs !== 0) return;
    actor.waitsSinceMs = performance.now();
    actor.at.detours++;
    this.#memory.counters[actor.number * COUNTERS + Counter.Contended]++;
  }

  #woke(actor: LiveActor): boolean {
    if (!actor.awake(this.#locks)) return false;
    if (actor.waitsSinceMs !== 0) {
      const waitedMs = performance.now() - actor.waitsSinceMs;
      actor.waitsSinceMs = 0;
      actor.at.waitedMs += waitedMs;
      this.#memory.counters[actor.number * COUNTERS + Counter.WaitedMs] += waitedMs;
    }
    return true;
  }

  /**
   * An op was refused: freezes the epoch, so that what led to it is still in the rings, and reports it. One violation
   * ends an epoch; whoever finds a second one meanwhile keeps it to itself, for it may follow from the first.
   */
  #found(actor: LiveActor): void {
    const { words, locks } = this.#memory;
    if (Atomics.compareExchange(words, LiveControl.Finder, 0, actor.number + 1) !== 0) return;
    const command = Atomics.compareExchange(words, locks.command, Command.Run, Command.Pause);
    for (let thread = 0; thread < this.task.threads; thread++) {
      new Doorbell(words, locks.doorbellBase + thread * locks.doorbellStride).ring();
    }
    // Where a thread has died, what others run into afterwards may be its doing.
    if (command === Command.Broken) return;
    this.#post({ message: 'found', found: foundBy(this.#executor, actor) });
  }

  #choose(actor: LiveActor, count: number): number {
    const { random } = actor.script;
    if ((random.next() >>> 0) / 0x1_0000_0000 >= this.task.failureRate) return 0;
    return 1 + random.below(count - 1);
  }

  #latencyOf(name: string): RecordableHistogram {
    const histogram = this.#latencies.get(name) ?? createHistogram();
    this.#latencies.set(name, histogram);
    return histogram;
  }

  #newLatencies() {
    const fresh = [...this.#latencies].filter(([name]) => !this.#sent.has(name));
    for (const [name] of fresh) this.#sent.add(name);
    return fresh.map(([name, histogram]) => ({ name, histogram }));
  }

  #post(message: ThreadMessage): void {
    this.task.port.postMessage(message);
  }
}

/** Random streams of threads lie behind those of actors. */
const THREAD_STREAMS = 1 << 20;
