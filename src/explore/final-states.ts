/**
 * Final states: how many different ones were reached, and how many of them exactly once (what estimates the chance of
 * a new one). A bounded table of 64-bit hashes, so that memory stays flat; two states of a million share a hash with a
 * chance of 3e-8. Used by the shards, merged in the order of the blocks.
 */

import type { Program } from '../core/program/program.js';
import type { Executor } from '../core/run/executor.js';

/** Largest number of final states that are told apart. */
export const FINAL_STATES_CAP = 1 << 20;

/** Counts final states by hash. */
export class FinalStates {
  /** Whether states were left out because the table was full. */
  capped = false;
  /** Number of different states. */
  distinct = 0;
  /** Number of states that were added once. */
  singletons = 0;
  /** Low and high half of each hash in the order in which they came. */
  #keys: Int32Array;
  /** 1 for a state that was added once, 2 for more. */
  #counts: Uint8Array;
  /** Number in `#keys` plus one; 0 is free. */
  #slots: Int32Array;

  constructor(readonly cap = FINAL_STATES_CAP) {
    this.#keys = new Int32Array(64);
    this.#counts = new Uint8Array(32);
    this.#slots = new Int32Array(64);
  }

  /** Adds a state. `times` is 1 for a state seen once, 2 for one seen more often. */
  add(low: number, high: number, times: number): void {
    const mask = this.#slots.length - 1;
    let slot = low & mask;
    for (let entry = this.#slots[slot]; entry !== 0; entry = this.#slots[slot]) {
      const at = entry - 1;
      if (this.#keys[at * 2] === low && this.#keys[at * 2 + 1] === high) {
        if (this.#counts[at] === 1) this.singletons--;
        this.#counts[at] = 2;
        return;
      }
      slot = (slot + 1) & mask;
    }
    if (this.distinct === this.cap) {
      this.capped = true;
      return;
    }
    const at = this.distinct++;
    this.#keys[at * 2] = low;
    this.#keys[at * 2 + 1] = high;
    this.#counts[at] = times;
    if (times === 1) this.singletons++;
    this.#slots[slot] = at + 1;
    if (this.distinct * 2 > this.#slots.length - 2) this.#grow();
  }

  /** Adds the states of another table in its order. */
  merge({ keys, counts }: FinalStateList): void {
    for (let i = 0; i < counts.length; i++) this.add(keys[i * 2], keys[i * 2 + 1], counts[i]);
  }

  /** A copy of the states, fit to travel. */
  list(): FinalStateList {
    return { keys: this.#keys.slice(0, this.distinct * 2), counts: this.#counts.slice(0, this.distinct) };
  }

  /** Forgets all states and keeps the memory. */
  clear(): void {
    this.#slots.fill(0);
    this.distinct = 0;
    this.singletons = 0;
    this.capped = false;
  }

  #grow(): void {
    const keys = new Int32Array(this.#keys.length * 2);
    keys.set(this.#keys);
    const counts = new Uint8Array(this.#counts.length * 2);
    counts.set(this.#counts);
    const slots = new Int32Array(this.#slots.length * 2);
    for (let at = 0; at < this.distinct; at++) {
      let slot = keys[at * 2] & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = at + 1;
    }
    this.#keys = keys;
    this.#counts = counts;
    this.#slots = slots;
  }
}

/** Final states in the order in which they came: two halves of a hash each, and 1 (seen once) or 2. */
export interface FinalStateList {
  readonly keys: Int32Array;
  readonly counts: Uint8Array;
}

/** Hashes what a completed run leaves behind: cells, objects, latches and results of calls; no ghost, no local state. */
export class FinalStateHash {
  low = 0;
  high = 0;
  /** The words of the executor's state that count, in their order. */
  readonly words: Int32Array;

  constructor(
    program: Program,
    readonly executor: Executor,
  ) {
    const words: number[] = [];
    for (const { kind, base, count, width } of program.layout.regions) {
      if (kind !== 'ghost') for (let word = base; word < base + count * width; word++) words.push(word);
    }
    for (let word = executor.results; word < executor.state.length; word++) words.push(word);
    this.words = Int32Array.from(words);
  }

  /** Hashes the executor's state into `low` and `high`: two lanes of multiply and shift that do not wait for each other. */
  update(): void {
    const { words } = this;
    const { state } = this.executor;
    let low = 0x2545f491;
    let high = 0x9e3779b9 | 0;
    for (let i = 0; i < words.length; i++) {
      const value = state[words[i]];
      low = Math.imul(low ^ value, 0x1b873593);
      low ^= low >>> 15;
      high = Math.imul(high + value, 0xcc9e2d51 | 0);
      high ^= high >>> 13;
    }
    this.low = avalanche(low);
    this.high = avalanche(high);
  }
}

/** The last step of MurmurHash3 (Appleby), which spreads every bit over the word. */
function avalanche(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b | 0);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35 | 0);
  return mixed ^ (mixed >>> 16);
}
