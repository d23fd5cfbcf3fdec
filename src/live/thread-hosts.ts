/**
 * Thread hosts: the actors that a thread runs, in the epoch that is running: its share of them, or all, when it runs a
 * world alone. Used by the live thread.
 */

import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { Program } from '../core/program/program.js';
import type { Random } from '../core/random.js';
import { withoutNumbers } from '../core/story/signature.js';
import type { LiveActor } from './live-actor.js';
import { LiveExecutor } from './live-executor.js';
import { LiveHost } from './live-host.js';
import type { LiveNodes } from './live-nodes.js';
import type { LiveSettings } from './live-settings.js';
import { LocalRwLocks } from './local-lock.js';
import type { LiveTask } from './messages.js';
import { Perturbation } from './perturbation.js';
import type { RwLocks } from './rw-lock.js';
import type { SharedMemory } from './shared-memory.js';
import { Turns } from './turns.js';

/** Random streams of all actors by turns lie behind those of actors, threads and samplings. */
const ALONE_STREAMS = 1 << 25;

/** The actors of one thread. */
export class ThreadHosts {
  /** Its share of the actors. */
  share: LiveHost;
  readonly #perturbation: Perturbation | undefined;
  #turns: Turns | undefined;
  /** The epoch that its share is in, and whether its nodes are those of steps each of which excludes every other. */
  #epoch = 0;
  #exact: boolean;
  readonly #latencies = new Map<string, RecordableHistogram>();
  /** Latencies that the supervisor has: a histogram is shared once it was sent. */
  readonly #sent = new Set<string>();

  constructor(
    readonly memory: SharedMemory,
    readonly locks: RwLocks,
    readonly task: LiveTask,
    readonly program: Program,
    readonly random: Random,
  ) {
    const shares = task.actors.length > 1;
    this.#perturbation = task.perturb > 0 ? new Perturbation(task.perturb, shares, random) : undefined;
    this.#exact = memory.exact;
    this.share = this.#hostOf(task.actors, 0, this.#perturbation);
  }

  /** The nodes of all its actors. */
  get nodes(): LiveNodes {
    return this.share.executor.nodes;
  }

  /** The actors that this thread runs now: its share, all, or (undefined) none while another thread runs all. */
  get now(): LiveHost | undefined {
    const { alone } = this.memory;
    if (alone < 0) return this.share;
    return alone === this.task.thread ? this.all.host : undefined;
  }

  /** All actors by turns, in the epoch that is running, for this thread to run alone. */
  get all(): Turns {
    this.#turns ??= this.#allByTurns();
    if (this.#turns.epoch !== this.memory.epoch) this.#turns.begin(this.memory.epoch);
    return this.#turns;
  }

  /** Whether the epoch that is running is another one than its share is in. */
  get isBehind(): boolean {
    return this.memory.epoch !== this.#epoch || this.memory.exact !== this.#exact;
  }

  /** Brings its share of the actors into the epoch that is running; false if they are in it already. */
  enter(): boolean {
    if (!this.isBehind) return false;
    const { epoch, exact } = this.memory;
    this.#epoch = epoch;
    if (exact !== this.#exact) {
      // Other stripes, and latches that are words: none of the nodes is right any more.
      this.#exact = exact;
      this.share = this.#hostOf(this.task.actors, 0, this.#perturbation);
      this.#turns = undefined;
    }
    if (this.locks instanceof LocalRwLocks) this.locks.reset();
    this.share.executor.reset();
    return true;
  }

  /** Latencies that were not handed out before. */
  newLatencies(): { readonly name: string; readonly histogram: RecordableHistogram }[] {
    const fresh = [...this.#latencies].filter(([name]) => !this.#sent.has(name));
    for (const [name] of fresh) this.#sent.add(name);
    return fresh.map(([name, histogram]) => ({ name, histogram }));
  }

  #allByTurns(): Turns {
    const all = this.program.actors.map((_, actor) => actor);
    const streams = ALONE_STREAMS + this.task.thread * all.length;
    return new Turns(this.#hostOf(all, streams, undefined, this.nodes), this.random);
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
    return new LiveHost(this.memory, this.locks, new LiveExecutor(this.memory, this.locks, actors, settings, nodes));
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
}
