/**
 * The live thread: hosts actors, runs them slice by slice, and is quiet when the supervisor wants it quiet.
 *
 * The thread never returns to its event loop while it lives: it looks at the command word before every step, sleeps on
 * its doorbell when none of its actors can go on, and reads its mailbox while it is paused. (Measured on Node 20, a thread
 * that is woken from Atomics.wait runs after 14 microseconds, one that waits by waitAsync or for a message after 22 to 31.)
 * A blocked actor is passed over; its neighbours go on.
 *
 * Where actors make their calls once, a world is over in microseconds: the threads meet at its end (meeting.ts), and who
 * comes last begins the next (world-ends.ts). Used by workers/live.ts.
 */

import { receiveMessageOnPort, threadId } from 'node:worker_threads';
import type { Program } from '../core/program/program.js';
import { Random } from '../core/random.js';
import type { LiveHost } from './live-host.js';
import { Outcome } from './live-settings.js';
import { actorStory, foundBy, stateOf } from './live-story.js';
import { LocalRwLocks } from './local-lock.js';
import { Command } from './lock-layout.js';
import { Meeting, Verdict } from './meeting.js';
import type { ActorState, ActorStory, LiveTask, ThreadCommand, ThreadMessage } from './messages.js';
import { Doorbell } from './shared-doorbell.js';
import { LockAbandoned } from './shared-guard.js';
import { SharedRwLocks } from './shared-lock.js';
import { LiveControl, SharedMemory } from './shared-memory.js';
import { takeCounts } from './thread-counts.js';
import { ThreadHosts } from './thread-hosts.js';
import { WorldStep } from './turns.js';
import { type AfterWorld, WorldEnds } from './world-ends.js';

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

/** Of the delay before a thread starts, in looks at a word: about as long as a step, and the longest. */
const SPINS_A_STEP = 16;
const LONGEST_DELAY = 1 << 16;

/** Random streams of threads lie behind those of actors. */
const THREAD_STREAMS = 1 << 20;

/** Hosts the actors of one task. */
export class LiveThread {
  readonly #memory: SharedMemory;
  readonly #hosts: ThreadHosts;
  readonly #random: Random;
  readonly #mail: number;
  /** Of all threads, and its own. */
  readonly #bells: readonly Doorbell[];
  readonly #bell: Doorbell;
  readonly #meeting: Meeting;
  readonly #ends: WorldEnds;
  /** When the epoch began that its share of the actors is in. */
  #beganMs = 0;
  /** Steps of its share before that epoch, and in the one before it. */
  #stepsBefore = 0;
  #steps = 0;
  #napMs = SHORTEST_NAP_MS;

  constructor(
    readonly task: LiveTask,
    readonly program: Program,
  ) {
    this.#memory = new SharedMemory(program, task.threads, task.buffer);
    const { words, locks: layout } = this.#memory;
    const locks = task.locks === 'local' ? new LocalRwLocks(words, layout) : new SharedRwLocks(words, layout);
    this.#bells = Array.from(
      { length: task.threads },
      (_, thread) => new Doorbell(words, layout.doorbellBase + thread * layout.doorbellStride),
    );
    this.#bell = this.#bells[task.thread];
    this.#mail = this.#memory.mailWord(task.thread);
    this.#random = new Random(task.seed, THREAD_STREAMS + task.thread);
    this.#hosts = new ThreadHosts(this.#memory, locks, task, program, this.#random);
    this.#meeting = new Meeting(this.#memory, this.#bells, task.thread, task.ownCore);
    this.#ends = new WorldEnds(this.#memory, locks, task);
  }

  /** Obeys the supervisor until it says stop. */
  obey(): void {
    this.#post({ message: 'ready', threadId });
    for (;;) {
      const command = this.#nextCommand();
      switch (command.command) {
        case 'run':
          this.#runUnlessAbandoned();
          this.#post({ message: 'paused', actors: this.#states });
          break;
        case 'look':
          this.#post({ message: 'looked', actors: this.#states });
          break;
        case 'tell':
          this.#post({ message: 'told', actors: this.#stories(command.word) });
          break;
        case 'count':
          this.#post({
            message: 'counted',
            part: { ...takeCounts(this.#hosts.nodes), latencies: this.#hosts.newLatencies() },
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

  #stories(word: number): ActorStory[] {
    const { actors = [], executor } = this.#hosts.now ?? {};
    return actors.map((actor) => actorStory(executor!, actor, word));
  }

  get #states(): ActorState[] {
    // The world may have been reset just before this thread paused.
    if (this.#memory.alone < 0) this.#hosts.enter();
    const { actors = [], executor } = this.#hosts.now ?? {};
    return actors.map((actor) => stateOf(executor!, actor));
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
    const { thread } = this.task;
    let first = 0;
    while (!this.#interrupted) {
      const { alone } = this.#memory;
      if (alone === thread) this.#runAlone();
      else if (alone >= 0) this.#meet(false);
      else {
        if (this.#hosts.enter()) this.#start();
        first = this.#runShare(first);
      }
    }
  }

  /** Starts an epoch together with the other threads: small models are over before another thread has woken. */
  #start(): void {
    const { words } = this.#memory;
    Atomics.add(words, LiveControl.Ready, 1);
    this.#beganMs = performance.now();
    this.#stepsBefore = this.#hosts.share.steps;
    if (!this.task.ownCore) return;
    const endMs = this.#beganMs + START_MS;
    while (Atomics.load(words, LiveControl.Ready) < this.task.threads && !this.#interrupted) {
      if (performance.now() >= endMs) break;
    }
    if (this.task.mode === 'once') this.#delay();
  }

  /**
   * Threads do not start always at the same distance from each other: half of the time at once, else later by a part of
   * an epoch's length.
   */
  #delay(): void {
    if (this.#random.next() < 0) return;
    const longest = Math.min(LONGEST_DELAY, Math.max(1, SPINS_A_STEP * this.#steps));
    const spins = this.#random.below(1 << this.#random.below(Math.ceil(Math.log2(longest)) + 1));
    for (let spin = 0; spin < spins; spin++) if (this.#interrupted) return;
  }

  /** A turn of each of its actors, beginning with the one in a slot; the slot that the next turns begin with. */
  #runShare(first: number): number {
    const host = this.#hosts.share;
    const { actors } = host;
    let ran = false;
    let polls = false;
    for (let k = 0; k < actors.length; k++) {
      const slot = (first + k) % actors.length;
      const before = host.stepsOf(slot);
      const outcome = host.run(slot, this.#slice());
      if (outcome === undefined) continue;
      if (outcome === Outcome.Interrupted) return first;
      if (outcome === Outcome.Refused) {
        this.#found(host, slot);
        return first;
      }
      if (outcome === Outcome.Unknown) {
        this.#meetsUnknown();
        return first;
      }
      if (outcome === Outcome.Polling) polls = true;
      ran ||= outcome === Outcome.Slice || host.stepsOf(slot) !== before;
    }
    if (ran) this.#napMs = SHORTEST_NAP_MS;
    else if (this.task.mode === 'once') this.#meet(polls);
    else this.#idle(polls);
    return (first + 1) % actors.length;
  }

  /**
   * Actors of one thread take turns at distances that differ in their order of magnitude: some windows are a step wide
   * and others a call.
   */
  #slice(): number {
    return this.task.actors.length === 1 ? OWN_SLICE : 1 << this.#random.below(SHARED_SLICES);
  }

  #idle(polls: boolean): void {
    const ready = () => this.#interrupted || this.#hosts.share.wasGranted;
    if (this.task.ownCore) for (let spins = 0; spins < SPINS; spins++) if (ready()) return;
    if (!polls) {
      this.#bell.block(ready);
      return;
    }
    this.#bell.block(ready, this.#napMs);
    this.#napMs = Math.min(2 * this.#napMs, LONGEST_NAP_MS);
  }

  /** None of its actors can go on: waits until one can, or until the next epoch, or decides with the others. */
  #meet(polls: boolean): void {
    const memory = this.#memory;
    const hosts = this.#hosts;
    if (memory.alone < 0) this.#steps = hosts.share.steps - this.#stepsBefore;
    const canGoOn = () => memory.alone < 0 && (hosts.isBehind || hosts.share.canGoOn);
    if (this.#meeting.attend(canGoOn, polls) !== Verdict.Decides) return;
    // No actor of any thread can go on, and the others wait.
    this.#goesOn(this.#ends.ofShared(this.#beganMs));
  }

  /** Runs worlds alone until it is time for one with the others. */
  #runAlone(): void {
    while (this.#memory.alone === this.task.thread) {
      const turns = this.#hosts.all;
      switch (turns.take()) {
        case WorldStep.Ended:
          if (!this.#goesOn(this.#ends.ofAny(), true)) return;
          break;
        case WorldStep.Refused:
          this.#found(turns.host, turns.refused);
          return;
        case WorldStep.Unknown:
          this.#meetsUnknown();
          return;
        case WorldStep.Interrupted:
          return;
      }
    }
  }

  /** Does what comes after a world, or after it was looked at; false when that is for the supervisor to say. */
  #goesOn(next: AfterWorld, alone = false): boolean {
    if (next === 'supervisor') {
      this.#post({ message: 'settled' });
      this.#meeting.awaitInterrupt();
      return false;
    }
    if (next === 'shared' || (next === 'same' && !alone)) this.#meeting.adjourn();
    return true;
  }

  /**
   * An op was refused: freezes the epoch, so that what led to it is still in the rings, and reports it. One violation
   * ends an epoch; whoever finds a second one meanwhile keeps it to itself, for it may follow from the first.
   */
  #found({ executor, actors }: LiveHost, slot: number): void {
    const actor = actors[slot];
    if (!this.#memory.finds(actor.number)) return;
    // Where a thread has died, what others run into afterwards may be its doing.
    if (this.#freeze()) this.#post({ message: 'found', found: foundBy(executor, actor) });
  }

  /** An actor has come to a step that the stripes of the model do not know: the run has to begin anew without them. */
  #meetsUnknown(): void {
    if (this.#freeze()) this.#post({ message: 'unknown' });
  }

  /** Stops all threads; false if that has happened already because one of them died. */
  #freeze(): boolean {
    const { words, locks } = this.#memory;
    const command = Atomics.compareExchange(words, locks.command, Command.Run, Command.Pause);
    for (const bell of this.#bells) bell.ring();
    return command !== Command.Broken;
  }

  #post(message: ThreadMessage): void {
    this.task.port.postMessage(message);
  }
}
