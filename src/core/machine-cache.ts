/**
 * Machine cache: machine tables flattened as states are met, so that an event costs one lookup in the hot loop.
 * Used by the executor.
 */

import type { MachineTable } from './machine-table.js';

/** Flat rows of a program's machines. */
export class MachineCache {
  /** Next word + 1, 0 when not known yet, -(v+1) for violation v. */
  readonly #next: Int32Array[];
  /** 1 without the tag, 2 with it, 0 when not known yet. */
  readonly #tags: Uint8Array[][];

  constructor(readonly tables: readonly MachineTable[]) {
    this.#next = tables.map((table) => new Int32Array(table.events.length << table.bits));
    this.#tags = tables.map((table) => table.tags.map(() => new Uint8Array(1 << table.bits)));
  }

  /** The word after an event, or -(v+1) for violation v. */
  next(machine: number, event: number, word: number): number {
    const cache = this.#next[machine];
    const slot = (event << this.tables[machine].bits) | word;
    const known = cache[slot];
    if (known !== 0) return known > 0 ? known - 1 : known;
    const next = this.tables[machine].next(word, event);
    cache[slot] = next >= 0 ? next + 1 : next;
    return next;
  }

  /** 1 when a state has a tag, else 0. */
  hasTag(machine: number, tag: number, word: number): number {
    const cache = this.#tags[machine][tag];
    if (cache[word] === 0) {
      const table = this.tables[machine];
      cache[word] = table.hasTag(word, table.tags[tag]) ? 2 : 1;
    }
    return cache[word] - 1;
  }
}
