/**
 * Successors: packs states and hands them to the table in batches; lays the packing out anew when a value does not fit.
 * Used by the search.
 */

import { shareAlike } from '../space/acquaint.js';
import type { Packing } from '../space/pack.js';
import type { StateStore } from '../space/state-table.js';
import type { StateGraph } from './state-graph.js';

/** States are handed to the table by this many. */
const BATCH = 256;

/** Where the states of a batch are put. */
export interface Batch {
  /** Per state: the one that it comes from, who took the step, and the number that it is given. */
  readonly parents: Int32Array;
  readonly actors: Uint8Array;
  readonly numbers: Int32Array;
  /** Room for as many states of so many words. */
  bufferOf(width: number): Int32Array;
}

function newBatch(): Batch {
  return {
    parents: new Int32Array(BATCH),
    actors: new Uint8Array(BATCH),
    numbers: new Int32Array(BATCH),
    bufferOf: (width) => new Int32Array(BATCH * width),
  };
}

/** The states of a batch, one behind the other. */
export class Successors {
  /** Packed states that wait for the table. */
  buffer: Int32Array;
  /** Number of states that wait. */
  pending = 0;
  /** Counts how often the packing was laid out anew: whatever was derived from places is of no use then. */
  layouts = 0;

  /**
   * @param fields fields of a state
   * @param alike sets of them that take the same values sooner or later
   * @param graph receives the edges, if they are wanted
   * @param batch where states wait
   */
  constructor(
    readonly table: StateStore,
    readonly packing: Packing,
    readonly fields: number,
    readonly alike: readonly (readonly number[])[] = [],
    readonly graph?: StateGraph | undefined,
    readonly batch = newBatch(),
  ) {
    this.buffer = batch.bufferOf(table.width);
  }

  /** Adds a state that differs from its parent in the logged fields. Whether it could be packed at once. */
  addChanged(parent: number, actor: number, state: Int32Array, log: Int32Array, logged: number): boolean {
    if (!this.packChanged(parent, state, log, logged)) {
      this.addNew(parent, actor, state);
      return false;
    }
    this.addPacked(parent, actor);
    return true;
  }

  /** Adds a state. */
  add(parent: number, actor: number, state: Int32Array): void {
    if (this.packing.pack(state, this.buffer, this.pending * this.table.width)) this.addPacked(parent, actor);
    else this.addNew(parent, actor, state);
  }

  /** Adds the state that lies at the end of the buffer already. */
  addPacked(parent: number, actor: number): void {
    const { parents, actors } = this.batch;
    actors[this.pending] = actor;
    parents[this.pending++] = parent;
    if (this.pending === parents.length) this.flush();
  }

  /** Packs a state at the end of the buffer: its parent with the logged fields replaced. False when a value is new to its dictionary. */
  packChanged(parent: number, state: Int32Array, log: Int32Array, logged: number): boolean {
    const { buffer, packing, fields } = this;
    const { keys, width } = this.table;
    const offset = this.pending * width;
    const from = parent * width;
    for (let k = 0; k < width; k++) buffer[offset + k] = keys[from + k];
    for (let i = 0; i < logged; i++) {
      const field = log[i];
      if (field < fields && !packing.set(buffer, offset, field, state[field])) return false;
    }
    return true;
  }

  /** Hands the waiting states to the table. */
  flush(): void {
    const { graph } = this;
    const { parents, numbers, actors } = this.batch;
    this.table.addBatch(this.buffer, this.pending, parents, graph && numbers);
    graph?.add(parents, numbers, actors, this.pending);
    this.pending = 0;
  }

  /** Adds a state that holds values which were not met before. */
  protected addNew(parent: number, actor: number, state: Int32Array): void {
    let overflows = false;
    for (let field = 0; field < this.fields; field++) {
      if (this.packing.learn(field, state[field])) overflows = true;
    }
    if (overflows) {
      this.flush();
      shareAlike(this.packing, this.alike);
      this.table.relayout(this.packing, this.packing.relayout());
      this.laidOut();
    }
    this.packing.pack(state, this.buffer, this.pending * this.table.width);
    this.addPacked(parent, actor);
  }

  /** The packing was laid out anew, and no state waits. */
  protected laidOut(): void {
    this.buffer = this.batch.bufferOf(this.packing.places.width);
    this.layouts++;
  }
}
