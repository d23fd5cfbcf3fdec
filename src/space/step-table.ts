/**
 * Step table: steps remembered as changes of packed words.
 *
 * What a step does depends on the actor's local state and on the few fields that its ops may touch (footprints.ts). So
 * once a step was taken with certain codes in those fields, the same step from any other state with these codes is one
 * exclusive-or of the packed words, and nothing has to be unpacked. Steps that look at too many fields, choose, wait for
 * calls, or may break a check are not remembered. Used by the search when it keeps all states as they are.
 */

import type { Footprints } from './footprints.js';
import type { Packing } from './pack.js';
import type { System } from './system.js';

/** Fields of a remembered step have at most this many bits together. */
const MOST_BITS = 10;
/** All remembered steps take at most this many words. */
const MOST_WORDS = 1 << 24;
/** In rows: not looked at yet. */
const UNKNOWN = 0;
/** In place of an entry: the steps of this local state are not remembered. */
export const SLOW = -1;
/** In place of an entry: the actor has finished. */
export const FINISHED = -2;
/** Flags of an entry: the actor has to wait. 0: not known yet. */
export const WAITS = 1 << 30;
/** Besides: for other actors, of whom a set stands in place of the change. */
export const FOR_ACTORS = 1 << 29;

/** The remembered steps of one search. */
export class StepTable {
  /** Flags (StepOutcome, or WAITS), then the words to change by exclusive-or, for each entry. */
  entries = new Int32Array(1 << 12);
  #used = 0;
  /** By actor and code of its local state: where its row begins in `#fields`, UNKNOWN or SLOW. */
  #rows: Int32Array[] = [];
  /** Rows: number of fields, first entry, then word, shift, mask and place in the index of each field. */
  #fields = new Int32Array(1 << 10);
  #fieldsUsed = 1;
  #layout = -1;

  constructor(
    readonly system: System,
    readonly packing: Packing,
    readonly footprints: Footprints,
  ) {}

  /** Forgets all steps if the packing was laid out anew since `layout`. */
  follow(layout: number): void {
    if (layout === this.#layout) return;
    this.#layout = layout;
    this.#rows = Array.from({ length: this.system.actors }, () => new Int32Array(64));
    this.entries.fill(0);
    this.#used = 0;
    this.#fieldsUsed = 1;
  }

  /** The entry of an actor's step from the state packed at `base`; SLOW or FINISHED when there is none. */
  entryOf(packed: Int32Array, base: number, actor: number): number {
    const { places } = this.packing;
    const local = this.system.localBase + actor;
    const code = (packed[base + places.word[local]] >>> places.shift[local]) & places.mask[local];
    const rows = this.#rows[actor];
    let row = code < rows.length ? rows[code] : UNKNOWN;
    if (row === UNKNOWN) row = this.#lay(actor, code);
    if (row < 0) return row;
    const fields = this.#fields;
    let index = 0;
    for (let at = row + 2, end = at + fields[row] * 4; at < end; at += 4) {
      index |= ((packed[base + fields[at]] >>> fields[at + 1]) & fields[at + 2]) << fields[at + 3];
    }
    return fields[row + 1] + index * (places.width + 1);
  }

  /** Remembers a step: what it did, and the state packed at `to` that it led to from the one packed at `from`. */
  remember(entry: number, flags: number, before: Int32Array, from: number, after: Int32Array, to: number): void {
    const { width } = this.packing.places;
    this.entries[entry] = flags;
    for (let k = 0; k < width; k++) this.entries[entry + 1 + k] = before[from + k] ^ after[to + k];
  }

  #lay(actor: number, code: number): number {
    const rows = this.#rows[actor];
    if (code >= rows.length) {
      const longer = new Int32Array(Math.max(code + 1, rows.length * 2));
      longer.set(rows);
      this.#rows[actor] = longer;
    }
    const row = this.#newRow(actor, code);
    this.#rows[actor][code] = row;
    return row;
  }

  #newRow(actor: number, code: number): number {
    const { packing, system } = this;
    const local = packing.decode[packing.decodeBase[system.localBase + actor] + code];
    if (system.scripts[actor].done(local)) return FINISHED;
    const fields = this.#fieldsOf(actor, local);
    if (fields === undefined) return SLOW;
    const { mask, word, shift, width } = packing.places;
    const active = fields.filter((field) => mask[field] !== 0);
    const bits = active.reduce((sum, field) => sum + 32 - Math.clz32(mask[field]), 0);
    const words = (width + 1) << bits;
    if (bits > MOST_BITS || this.#used + words > MOST_WORDS) return SLOW;
    const row = this.#fieldsUsed;
    this.#fieldsUsed += 2 + active.length * 4;
    if (this.#fieldsUsed > this.#fields.length) this.#fields = longer(this.#fields, this.#fieldsUsed);
    this.#fields[row] = active.length;
    this.#fields[row + 1] = this.#used;
    let place = 0;
    active.forEach((field, i) => {
      this.#fields.set([word[field], shift[field], mask[field], place], row + 2 + i * 4);
      place += 32 - Math.clz32(mask[field]);
    });
    this.#used += words;
    if (this.#used > this.entries.length) this.entries = longer(this.entries, this.#used);
    return row;
  }

  /** The fields that decide what an actor's step does; undefined when it is not to be remembered. */
  #fieldsOf(actor: number, local: number): readonly number[] | undefined {
    const { system, footprints } = this;
    const { node, gated, outcomes, live } = system.scripts[actor].states[local];
    if (gated || outcomes > 1 || footprints.units !== system.words) return undefined;
    const step = footprints.empty();
    this.footprints.addStep(step, node);
    const { always } = system.program;
    if (always.some(({ words }) => words.some((word) => step.changes(word)))) return undefined;
    const fields: number[] = [];
    for (let word = 0; word < system.words; word++) if (step.touches(word)) fields.push(word);
    const slots = system.slotBase + actor * system.slots;
    return [...fields, ...Array.from(live, (_, slot) => slots + slot)];
  }
}

function longer(words: Int32Array<ArrayBuffer>, least: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(Math.max(least, words.length * 2));
  copy.set(words);
  return copy;
}
