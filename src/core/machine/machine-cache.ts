/**
 * Machine cache: machine tables flattened as states are met, so that an event costs one lookup in the hot loop.
 * Shared by all executors of a program. Used by the executor.
 */

import type { MachineTable } from './machine-table.js';

/** The widest machine, in bits of a word, whose rows are kept flat; a wider one is asked anew every time. */
const MAXIMUM_BITS = 14;

/** Flat rows of a program's machines. */
export class MachineCache {
  static readonly #known = new WeakMap<readonly MachineTable[], MachineCache>();

  /** Next word + 1, 0 when not known yet, -(v+1) for violation v. */
  readonly #next: Int32Array[];
  /** 1 without the tag, 2 with it, 0 when not known yet. */
  readonly #tags: Uint8Array[][];

  constructor(readonly tables: readonly MachineTable[]) {
    this.#next = tables.map(({ events, bits }) => new Int32Array(bits > MAXIMUM_BITS ? 0 : events.length << bits));
    this.#tags = tables.map(({ tags, bits }) => tags.map(() => new Uint8Array(bits > MAXIMUM_BITS ? 0 : 1 << bits)));
  }

  /** The cache of a program's machines. */
  static of(tables: readonly MachineTable[]): MachineCache {
    const known = MachineCache.#known.get(tables);
    if (known !== undefined) return known;
    const cache = new MachineCache(tables);
    MachineCache.#known.set(tables, cache);
    return cache;
  }

  /** The word after an event, or -(v+1) for violation v. */
  next(machine: number, event: number, word: number): number {
    const cache = this.#next[machine];
    const table = this.tables[machine];
    if (cache.length === 0) return table.next(word, event);
    const slot = (event << table.bits) | word;
    const known = cache[slot];
    if (known !== 0) return known > 0 ? known - 1 : known;
    const next = table.next(word, event);
    cache[slot] = next >= 0 ? next + 1 : next;
    return next;
  }

  /** 1 when a state has a tag, else 0. */
  hasTag(machine: number, tag: number, word: number): number {
    const cache = this.#tags[machine][tag];
    const table = this.tables[machine];
    if (cache.length === 0) return table.hasTag(word, table.tags[tag]) ? 1 : 0;
    if (cache[word] === 0) cache[word] = table.hasTag(word, table.tags[tag]) ? 2 : 1;
    return cache[word] - 1;
  }
}
