/**
 * The live thread: hosts actors, runs them slice by slice, and is quiet when the supervisor wants it quiet.
 *
 * The thread never returns to its event loop while it lives: it looks at the command word before every step, sleeps on
 * its doorbell when none of its actors can go on, and reads its mailbox while it is paused. (Measured on Node 20, a thread
 * that is woken from Atomics.wait runs after 14 microseconds, one that waits by waitAsync or for a message after 22 to 31.)
 * A blocked actor is passed over; its neighbours go on.
 *
 * Where actors make their calls once, a world is over in microseconds and the threads meet at its end (meeting.ts). Who
 * comes last resets it. Before that it runs some worlds alone, all actors by turns (turns.ts), for about as long as the
 * shared one took: short calls on different threads hardly meet, and on a busy machine the threads themselves do not.
 * Used by workers/live.ts.
 */

import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { receiveMessageOnPort, threadId } from 'node:worker_threads';
import type { Program } from '../core/program/program.js';
import { Random } from '../core/random.js';
import { withoutNumbers } from '../core/story/signature.js';
import { Audit } from './audit.js';
import type { LiveActor } from './live-actor.js';
import { LiveExecutor } from './live-executor.js';
import { LiveHost } from './live-host.js';
import type { LiveNodes } from './live-nodes.js';
import { type LiveSettings, Outcome } from './live-settings.js';
import { actorStory, foundBy, stateOf } from './live-story.js';
import { LocalRwLocks } from './local-lock.js';
import { Command } from './lock-layout.js';
import { Meeting, Verdict } from './meeting.js';
import type { ActorState, ActorStory, LiveTask, ThreadCommand, ThreadMessage } from './messages.js';
import { Perturbation } from './perturbation.js';
import type { RwLocks } from './rw-lock.js';
import { Doorbell } from './shared-doorbell.js';
import { LockAbandoned } from './shared-guard.js';
import { SharedRwLocks } from './shared-lock.js';
import { LiveControl, SharedMemory } from './shared-memory.js';
import { takeCounts } from './thread-counts.js';
import { Turns, WorldStep } from './turns.js';

/** Steps in a slice of an actor that has the thread to itself. */
const OWN_SLICE = 1024;

/** Slices of actors that share a thread have 1, 2, 4, ... steps, up to 2 to the power of this minus 1. */
const SHARED_SLICES = 7;

/** Looks at the grants before the thread sleeps, if it has a core of its own: some microseconds. */
const SPINS = 300;

/** Sleeps between two looks at a value that an actor waits for. */
const SHORTEST_NAP_MS = 0.02;
const LONGEST_NAP_MS = 1;

/** How long a thread runs worlds alone at a time, at most. */
const LONGEST_ALONE_MS = 50;

/** How long a thread waits at the start of an epoch for the others to arrive there. */
const START_MS = 2;

/** Of the delay before a thread starts, in looks at a word: about as long as a step, and the longest. */
const SPINS_A_STEP = 16;
const LONGEST_DELAY = 1 << 16;

/** Hosts the actors of one task. */
export class LiveThread {
  readonly #memory: SharedMemory;
  readonly #locks: RwLocks;
  /** Its share of the actors. */
  #share: LiveHost;
  readonly #perturbation: Perturbation | undefined;
  readonly #bell: Doorbell;
  readonly #random: Random;
  readonly #latencies = new Map<string, RecordableHistogram>();
  /** Latencies that the supervisor has: a histogram is shared once it was sent. */
  readonly #sent = new Set<string>();
  readonly #mail: number;
  readonly #bells: readonly Doorbell[];
  readonly #meeting: Meeting;
  readonly #audit: Audit;
  /** All actors by turns, for worlds that it runs alone. */
  #turns: Turns | undefined;
  /** When it goes back to worlds that are shared. */
  #aloneUntilMs = 0;
  /** Number of the epoch that its actors are in, and when that began. */
  #epoch = 0;
  /** Whether its nodes are those of steps each of which excludes every other. */
  #exact: boolean;
  #beganMs = 0;
  /** Steps of its actors before the epoch, and in the one before it that was shared. */
  #stepsBefore = 0;
  #steps = 0;
  #napMs = SHORTEST_NAP_MS;

  constructor(
    readonly task: LiveTask,
    readonly program: Program,
  ) {
    this.#memory = new SharedMemory(program, task.threads, task.buffer);
    const { words, locks: layout } = this.#memory;
    this.#locks = task.locks === 'local' ? new LocalRwLocks(words, layout) : new SharedRwLocks(words, layout);
    this.#bells = Array.from(
      { length: task.threads },
      (_, thread) => new Doorbell(words, layout.doorbellBase + thread * layout.doorbellStride),
    );
    this.#bell = this.#bells[task.thread];
    this.#meeting = new Meeting(this.#memory, this.#bells, task.thread, task.ownCore);
    this.#audit = new Audit(program);
    this.#mail = this.#memory.mailWord(task.thread);
    this.#random = new Random(task.seed, THREAD_STREAMS + task.thread);
    const shares = task.actors.length > 1;
    this.#perturbation = task.perturb > 0 ? new Perturbation(task.perturb, shares, this.#random) : undefined;
    this.#exact = this.#memory.exact;
    this.#share = this.#hostOf(task.actors, 0, this.#perturbation);
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
          this.#post({
            message: 'told',
            actors: this.#stories(command.word),
          });
          break;
        case 'count':
          this.#post({
            message: 'counted',
            part: { ...takeCounts(this.#share.executor.nodes), latencies: this.#newLatencies() },
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

  /** @param streams where the random numbers of the actors begin */
  #hostOf(
    actors: readonly number[],
    streams: number,
    perturbation: Perturbation | undefined,
    nodes?: LiveNodes,
  ): LiveHost {
    const { mode, seed } = this.task;
    const settings: LiveSettings = {
      ...{ mode, seed, streams, perturbation },
      choose: (actor, count) => this.#choose(actor, count),
      latencyOf: (name) => this.#latencyOf(withoutNumbers(name)),
    };
    const executor = new LiveExecutor(this.#memory, this.#locks, actors, settings, nodes);
    return new LiveHost(this.#memory, this.#locks, executor);
  }

  /** The actors that this thread runs now: its share, all, or (undefined) none while another thread runs all. */
  get #hosted(): LiveHost | undefined {
    const { alone } = this.#memory;
    if (alone < 0) return this.#share;
    return alone === this.task.thread ? this.#all.host : undefined;
  }

  /** All actors, in the epoch that is running, for this thread to run alone. */
  get #all(): Turns {
    this.#turns ??= this.#allByTurns();
    if (this.#turns.epoch !== this.#memory.epoch) this.#turns.begin(this.#memory.epoch);
    return this.#turns;
  }

  #stories(word: number): ActorStory[] {
    const { actors = [], executor } = this.#hosted ?? {};
    return actors.map((actor) => actorStory(executor!, actor, word));
  }

  get #states(): ActorState[] {
    // The world may have been reset just before this thread paused.
    if (this.#memory.alone < 0) this.#enter();
    const { actors = [], executor } = this.#hosted ?? {};
    return actors.map((actor) => stateOf(executor!, actor));
  }

  /** Brings its share of the actors into the epoch that is running; false if they are in it already. */
  #enter(): boolean {
    const { epoch, exact } = this.#memory;
    if (epoch === this.#epoch && exact === this.#exact) return false;
    this.#epoch = epoch;
    if (exact !== this.#exact) {
      // Other stripes, and latches that are words: none of the nodes is right any more.
      this.#exact = exact;
      this.#share = this.#hostOf(this.task.actors, 0, this.#perturbation);
      this.#turns = undefined;
    }
    if (this.#locks instanceof LocalRwLocks) this.#locks.reset();
    this.#share.executor.reset();
    return true;
  }

  /** Starts an epoch together with the other threads: small models are over before another thread has woken. */
  #start(): void {
    const { words } = this.#memory;
    Atomics.add(words, LiveControl.Ready, 1);
    this.#beganMs = performance.now();
    this.#stepsBefore = this.#share.steps;
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
        if (this.#enter()) this.#start();
        first = this.#runShare(first);
      }
    }
  }

  /** A turn of each of its actors, beginning with the one in a slot; the slot that the next turns begin with. */
  #runShare(first: number): number {
    const host = this.#share;
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
    const ready = () => this.#interrupted || this.#share.wasGranted;
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
    if (memory.alone < 0) this.#steps = this.#share.steps - this.#stepsBefore;
    const canGoOn = () => memory.alone < 0 && (memory.epoch !== this.#epoch || this.#share.canGoOn);
    if (this.#meeting.attend(canGoOn, polls) === Verdict.Decides) this.#decide();
  }

  /** No actor of any thread can go on. The others wait: some worlds alone, and then the next that is shared. */
  #decide(): void {
    if (!this.#isWhole) {
      this.#post({ message: 'settled' });
      this.#meeting.awaitInterrupt();
      return;
    }
    const nowMs = performance.now();
    this.#aloneUntilMs = nowMs + Math.min(LONGEST_ALONE_MS, nowMs - this.#beganMs);
    this.#renew();
  }

  /**
   * Whether the world has come to its end, nothing is wrong with it and another one follows: it is reset at once, which
   * costs some microseconds. Anything else is for the supervisor to look at.
   */
  get #isWhole(): boolean {
    const { words, model, epoch } = this.#memory;
    const { epochs, tellsEnds } = this.task;
    const isFinished = Atomics.load(words, LiveControl.Due) === 0;
    return isFinished && !tellsEnds && epoch < epochs && this.#audit.finished(model) === undefined;
  }

  #allByTurns(): Turns {
    const all = this.program.actors.map((_, actor) => actor);
    const streams = ALONE_STREAMS + this.task.thread * all.length;
    return new Turns(this.#hostOf(all, streams, undefined, this.#share.executor.nodes), this.#random);
  }

  /** Begins another world of this thread alone, or gives the others their share of one. */
  #renew(): void {
    const memory = this.#memory;
    const { task } = this;
    Atomics.add(memory.words, LiveControl.Finished, 1);
    const alone = performance.now() < this.#aloneUntilMs;
    // Before the epoch is a new one, or another thread might take its share of it for its own.
    if (alone) memory.runsAlone(task.thread);
    memory.resetWorld(memory.epoch + 1);
    this.#locks.reset();
    if (alone) return;
    memory.runsAlone(-1);
    this.#meeting.adjourn();
  }

  /** Runs worlds alone until it is time for one with the others. */
  #runAlone(): void {
    while (this.#memory.alone === this.task.thread) {
      const turns = this.#all;
      switch (turns.take()) {
        case WorldStep.Ended:
          if (this.#isWhole) {
            this.#renew();
            break;
          }
          this.#post({ message: 'settled' });
          this.#meeting.awaitInterrupt();
          return;
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

  /**
   * An op was refused: freezes the epoch, so that what led to it is still in the rings, and reports it. One violation
   * ends an epoch; whoever finds a second one meanwhile keeps it to itself, for it may follow from the first.
   */
  #found({ executor, actors }: LiveHost, slot: number): void {
    const { words, locks } = this.#memory;
    const actor = actors[slot];
    if (Atomics.compareExchange(words, LiveControl.Finder, 0, actor.number + 1) !== 0) return;
    const command = Atomics.compareExchange(words, locks.command, Command.Run, Command.Pause);
    for (const bell of this.#bells) bell.ring();
    // Where a thread has died, what others run into afterwards may be its doing.
    if (command === Command.Broken) return;
    this.#post({ message: 'found', found: foundBy(executor, actor) });
  }

  /** An actor has come to a step that the stripes of the model do not know: the run has to begin anew without them. */
  #meetsUnknown(): void {
    const { words, locks } = this.#memory;
    const command = Atomics.compareExchange(words, locks.command, Command.Run, Command.Pause);
    for (const bell of this.#bells) bell.ring();
    if (command !== Command.Broken) this.#post({ message: 'unknown' });
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

/** Random streams of threads lie behind those of actors, and behind those of a sampling those of actors by turns. */
const THREAD_STREAMS = 1 << 20;
const ALONE_STREAMS = 1 << 25;
