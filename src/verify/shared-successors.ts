/**
 * Shared successors: as Successors, for a thread that may not change the packing. A state with a value that is new to
 * its dictionary is put aside as it is; the main thread learns the value between two levels and tells all threads. Used
 * by the parallel search.
 */

import type { Packing, Places } from '../space/pack.js';
import type { LevelTable } from './shared-table.js';
import { type Batch, Successors } from './successors.js';

/** Packs states and hands them to a shared table. */
export class SharedSuccessors extends Successors {
  /** States that could not be packed: their fields, then the parent. */
  unpacked: number[] = [];

  constructor(table: LevelTable, packing: Packing, fields: number, batch?: Batch) {
    super(table, packing, fields, [], undefined, batch);
  }

  /** Learns values (field, value, field, value, ...) in the order in which the main thread did, and where it lays fields. */
  learn(values: readonly number[], places: Places | undefined): void {
    for (let i = 0; i < values.length; i += 2) this.packing.learn(values[i], values[i + 1]);
    if (places === undefined) return;
    this.packing.follow(places);
    this.laidOut();
  }

  protected override addNew(parent: number, _actor: number, state: Int32Array): void {
    for (let field = 0; field < this.fields; field++) this.unpacked.push(state[field]);
    this.unpacked.push(parent);
  }
}
