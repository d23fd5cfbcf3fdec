/**
 * Crossings: the states in which the stream came to a step that may race, and from which of them it came to which. What
 * is left out between them commutes with what others do. Once nothing is left to try they say from which states no end can
 * be reached any more. Used by the stream.
 */

import { grown } from '../../core/grown.js';

/** A graph of states that grows. */
export class Crossings {
  /** Edges, two words each: from, to. */
  #edges = new Int32Array(1024);
  #count = 0;
  /** By state: whether a run came to its end behind it, or broke something, or nobody knows. */
  #ends = new Uint8Array(256);
  /** Bytes of the graph. */
  bytes = this.#edges.byteLength + this.#ends.byteLength;

  /** From one state a run came to another. */
  lead(from: number, to: number): void {
    if (this.#count * 2 === this.#edges.length) {
      this.#edges = grown(this.#edges, this.#count * 4);
      this.bytes = this.#edges.byteLength + this.#ends.byteLength;
    }
    this.#edges[this.#count * 2] = from;
    this.#edges[this.#count++ * 2 + 1] = to;
  }

  /** From a state a run came to an end. */
  end(state: number): void {
    if (state >= this.#ends.length) {
      this.#ends = grown(this.#ends, state * 2);
      this.bytes = this.#edges.byteLength + this.#ends.byteLength;
    }
    this.#ends[state] = 1;
  }

  /** The first of `states` states from which no end can be reached; -1 for none. */
  firstWithoutEnd(states: number): number {
    const edges = this.#edges;
    // The sources of the edges that lead to each state, one after the other.
    const starts = new Int32Array(states + 1);
    for (let edge = 0; edge < this.#count; edge++) starts[edges[edge * 2 + 1] + 1]++;
    for (let state = 0; state < states; state++) starts[state + 1] += starts[state];
    const sources = new Int32Array(this.#count);
    const next = starts.slice();
    for (let edge = 0; edge < this.#count; edge++) sources[next[edges[edge * 2 + 1]]++] = edges[edge * 2];
    const reaches = new Uint8Array(states);
    const queue: number[] = [];
    for (let state = 0; state < states; state++) if (this.#ends[state] === 1) queue.push(state);
    for (const state of queue) reaches[state] = 1;
    for (const state of queue) {
      for (let place = starts[state]; place < starts[state + 1]; place++) {
        if (reaches[sources[place]] === 1) continue;
        reaches[sources[place]] = 1;
        queue.push(sources[place]);
      }
    }
    return reaches.indexOf(0);
  }
}
