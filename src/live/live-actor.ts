/**
 * A live actor as the thread that hosts it knows it: where it is, its registers, and what it did last.
 *
 * The recent ops are kept in a ring that is cheap enough to stay on: three words an op, namely the node (its text is
 * looked up when somebody asks), the word of the model it was on, and what that word held then (a machine's word with its
 * version). An entry in front of each slice holds the slice's number on the run's coarse clock. Used by the live executor.
 */

import type { RecordableHistogram } from 'node:perf_hooks';
import type { LiveNode } from './live-node.js';
import type { LiveScript } from './live-script.js';
import type { RwLocks } from './rw-lock.js';
import { COUNTERS, Counter, LiveControl } from './shared-memory.js';

/** Words of an entry of the ring. */
export const ENTRY = 3;

/** Words of the ring. */
export const RING = 256 * ENTRY;

/** Instead of a node: the entry holds the number of the slice that begins. */
const SLICE = -1;

/** Whether an actor is in a lock's queue. */
export const Queued = {
  No: 0,
  Waiting: 1,
  /** The lock is its own by now, and the op that asked for it does not know yet. */
  Granted: 2,
} as const;

/** One op that an actor did. */
export interface RecentOp {
  /** Number of the node in the thread's automaton. */
  readonly node: number;
  /** Word of the model, or -1. */
  readonly word: number;
  readonly value: number;
  /** Number of its slice: of two ops of different actors, the one in a slice that began later may still be earlier. */
  readonly order: number;
}

/** One actor of a thread. */
export class LiveActor {
  /** The op it does next. */
  at: LiveNode;
  /** Refs as `index + 1`. */
  readonly registers: Int32Array;
  readonly ring = new Int32Array(RING);
  /** Where the next entry goes. */
  position = 0;
  /** A Queued. */
  queued: number = Queued.No;
  /** By token: its value when the actor took it last. */
  readonly remembered: Int32Array;
  /** Whether the present call went back to the head of a loop. */
  jumped = false;
  /**
   * Mode once, a daemon: how often it has gone round since everybody who must finish has finished. After some rounds
   * (LiveControl.Rounds) it rests at the head of its loop.
   */
  rounds = 0;
  /** Counted in the present slice: calls completed, those by a detour, jumps back. */
  calls = 0;
  faults = 0;
  retries = 0;
  /** Where the next claim begins to look. */
  hint = 0;
  /** When the present call began, in ms; 0 when nobody wants to know. */
  beganMs = 0;
  /** When it began to wait for a lock, in ms, and where; 0 when it does not wait. */
  waitsSinceMs = 0;
  waitsAt: LiveNode | undefined;

  /**
   * @param number of the actor in the program
   * @param starts first node of each call, and behind them the one of an actor that has made all
   * @param neverTaken what it remembers of each token at first
   * @param latencies of each call, in nanoseconds
   */
  constructor(
    readonly number: number,
    readonly script: LiveScript,
    readonly starts: readonly LiveNode[],
    registers: number,
    readonly neverTaken: Int32Array,
    readonly latencies: readonly RecordableHistogram[],
  ) {
    this.at = starts[0];
    this.registers = new Int32Array(registers);
    this.remembered = neverTaken.slice();
  }

  /** Forgets everything and goes to the first call. */
  reset(): void {
    this.script.first(this.registers);
    this.at = this.starts[this.script.call];
    this.ring.fill(0);
    this.position = 0;
    this.queued = Queued.No;
    this.remembered.set(this.neverTaken);
    this.jumped = false;
    this.rounds = 0;
    this.hint = 0;
    this.beganMs = 0;
    this.waitsSinceMs = 0;
  }

  /** Mode once: whether it is a daemon that has gone round often enough since the others have finished. */
  get rests(): boolean {
    return this.rounds > 0 && this.rounds >= Atomics.load(this.script.memory.words, LiveControl.Rounds);
  }

  /** Whether the lock it waits for is its own by now; true when it waits for none. */
  awake(locks: RwLocks): boolean {
    if (this.queued === Queued.Waiting && locks.granted(this.number)) this.queued = Queued.Granted;
    return this.queued !== Queued.Waiting;
  }

  /** Takes notice of the lock that it queued for; false while it still has to wait. */
  takes(locks: RwLocks): boolean {
    if (this.queued === Queued.No) this.queued = Queued.Waiting;
    if (!this.awake(locks)) return false;
    this.queued = Queued.No;
    return true;
  }

  /**
   * Goes back to the head of a loop.
   *
   * @param counts whether it is a round after everybody who must finish has
   */
  goesRound(counts: boolean): void {
    this.retries++;
    this.jumped = true;
    if (counts) this.rounds++;
  }

  /** Ends a call; whether that was one by a detour: it entered a function, or went round a loop. */
  endsCall(entered: boolean): boolean {
    const detour = entered || this.jumped;
    this.calls++;
    if (detour) this.faults++;
    this.jumped = false;
    return detour;
  }

  /** Notes that a slice begins. */
  beginSlice(order: number): void {
    this.ring[this.position] = SLICE;
    this.ring[this.position + 1] = order;
    this.position = this.position + ENTRY === RING ? 0 : this.position + ENTRY;
  }

  /** Adds what was counted in the slice to the run's counters. */
  endSlice(counters: Float64Array, steps: number): void {
    const at = this.number * COUNTERS;
    counters[at + Counter.Steps] += steps;
    counters[at + Counter.Calls] += this.calls;
    counters[at + Counter.Faults] += this.faults;
    counters[at + Counter.Retries] += this.retries;
    this.calls = 0;
    this.faults = 0;
    this.retries = 0;
  }

  /** The op that it did last is told as the one that broke something, and so not as one of those before. */
  forgets(node: number): void {
    const before = (this.position + RING - ENTRY) % RING;
    if (this.ring[before] === node) this.position = before;
  }

  /** Its last ops, oldest first; those whose slice began before the oldest entry have its order 0. */
  recent(): RecentOp[] {
    const found: RecentOp[] = [];
    let order = 0;
    for (let k = 0; k < RING; k += ENTRY) {
      const place = (this.position + k) % RING;
      const [node, word, value] = this.ring.subarray(place, place + ENTRY);
      if (node === SLICE) order = word;
      // No op is at node 0, so places that were never written show.
      else if (node !== 0) found.push({ node, word, value, order });
    }
    return found;
  }
}
