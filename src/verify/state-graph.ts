/**
 * State graph: the edges between the states of one search, for what is said of cycles and of paths.
 *
 * The states are taken up in the order of their numbers, so the edges of one state lie side by side. A step that breaks
 * something ends the run and has no edge; it is noted, because the actor could take it. Used by livelock, starvation
 * and the count of interleavings.
 */

import type { ActorSets } from '../core/run/actor-sets.js';
import { MemoryBudget } from '../space/memory-budget.js';

/** Bytes of an edge, and of a state beside its edges. */
const EDGE_BYTES = 5;
const STATE_BYTES = 14;

/** Edges in the order of the states they leave. What adds to it may throw OutOfMemory. */
export class StateGraph {
  /** Number of edges. */
  edges = 0;
  targets = new Int32Array(1024);
  /** The actor that takes each edge. */
  actors = new Uint8Array(1024);
  /** Per state: how many of its steps end the run. */
  endings = new Uint16Array(256);
  /** Per state: the set of actors that have a step which ends the run. */
  #ending = new Int32Array(256);
  #degrees = new Int32Array(256);
  /** Per state: the actors that must finish and have not, as a set. */
  #unfinished = new Int32Array(256);

  /** @param sets those of the system that is searched @param memory what it may hold; without, as much as there is */
  constructor(
    readonly sets: ActorSets,
    readonly memory = new MemoryBudget(),
  ) {
    memory.add(this);
  }

  /** Memory in use. */
  get bytes(): number {
    const { targets, actors, endings, sets } = this;
    return targets.byteLength + actors.byteLength + endings.byteLength + this.#ending.byteLength * 3 + sets.bytes;
  }

  /** Adds edges; `sources` ascend and do not fall behind those that were added before. */
  add(sources: Int32Array, targets: Int32Array, actors: Uint8Array, count: number): void {
    while (this.edges + count > this.targets.length) {
      const length = this.targets.length * 2;
      const [targets, movers] = this.memory.take(length * EDGE_BYTES, () => [
        longer(this.targets, new Int32Array(length)),
        longer(this.actors, new Uint8Array(length)),
      ]);
      this.targets = targets;
      this.actors = movers;
    }
    for (let i = 0; i < count; i++) {
      this.#reach(sources[i]);
      this.#degrees[sources[i]]++;
      this.targets[this.edges] = targets[i];
      this.actors[this.edges++] = actors[i];
    }
  }

  /** Notes that a step of an actor from a state ends the run. */
  ended(state: number, actor: number): void {
    this.#reach(state);
    this.endings[state]++;
    this.#ending[state] = this.sets.with(this.#ending[state], actor);
  }

  /** Where the edges of each of `states` states begin, and behind the last the number of edges. */
  starts(states: number): Int32Array {
    const starts = new Int32Array(states + 1);
    for (let state = 0; state < states; state++) starts[state + 1] = starts[state] + this.#degrees[state];
    return starts;
  }

  /** The actors that have a step from a state which ends the run, as a set. */
  ending(state: number): number {
    return this.#ending[state];
  }

  /** Notes which actors must finish and have not. */
  visited(state: number, unfinished: number): void {
    this.#reach(state);
    this.#unfinished[state] = unfinished;
  }

  /** The same of `count` states from one on. */
  visitedFrom(first: number, unfinished: Int32Array, count: number): void {
    if (count === 0) return;
    this.#reach(first + count - 1);
    for (let i = 0; i < count; i++) this.#unfinished[first + i] = unfinished[i];
  }

  /** The actors that must finish and have not, as a set. */
  unfinished(state: number): number {
    return this.#unfinished[state];
  }

  #reach(state: number): void {
    if (state < this.#degrees.length) return;
    const length = Math.max(state + 1, this.#degrees.length * 2);
    this.memory.take(length * STATE_BYTES, () => {
      this.#unfinished = longer(this.#unfinished, new Int32Array(length));
      this.#ending = longer(this.#ending, new Int32Array(length));
      this.endings = longer(this.endings, new Uint16Array(length));
      this.#degrees = longer(this.#degrees, new Int32Array(length));
    });
  }
}

function longer<T extends Int32Array | Uint8Array | Uint16Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
