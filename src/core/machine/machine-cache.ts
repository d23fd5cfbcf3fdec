/**
 * Machine cache: machine tables flattened as states are met, so that an event costs one lookup in the hot loop. A machine
 * whose words are too many for that has rows for those that were met (met-words.ts).
 * Shared by all executors of a program. Used by the executor.
 */

import type { MachineTable } from './machine-table.js';
import { MetWords } from './met-words.js';

/** The widest machine, in bits of a word, whose rows have a place for every word. */
export const WIDEST_FLAT = 14;

/** What follows in the states of a program's machines, as far as they were met. */
export class MachineCache {
  static readonly #known = new WeakMap<readonly MachineTable[], MachineCache>();

  /** Next word + 1, 0 when not known yet, -(v+1) for violation v. */
  readonly #next: Int32Array[];
  /** 1 without the tag, 2 with it, 0 when not known yet. */
  readonly #tags: Uint8Array[][];
  /** The words that were met of a wide machine, whose rows above are empty. */
  readonly #met: readonly (MetWords | undefined)[];

  constructor(readonly tables: readonly MachineTable[]) {
    this.#next = tables.map(({ events, bits }) => new Int32Array(bits > WIDEST_FLAT ? 0 : events.length << bits));
    this.#tags = tables.map(({ tags, bits }) => tags.map(() => new Uint8Array(bits > WIDEST_FLAT ? 0 : 1 << bits)));
    this.#met = tables.map((table) => (table.bits > WIDEST_FLAT ? MetWords.of(table) : undefined));
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
    if (cache.length === 0) return this.#met[machine]!.next(word, event);
    const table = this.tables[machine];
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
    if (cache.length === 0) return this.#met[machine]!.hasTag(word, tag);
    const table = this.tables[machine];
    if (cache[word] === 0) cache[word] = table.hasTag(word, table.tags[tag]) ? 2 : 1;
    return cache[word] - 1;
  }
}
