/**
 * Kernel symmetry: the tables by which a search kernel brings states to their canonical form (src/kernels/search-symmetry.ts),
 * among the words of its trees. Used by the search kernel.
 */

import { GROUP, LATCH, OWN, OWN_TABLES } from '../kernels/symmetry-words.js';
import type { Canonical } from '../space/canonical.js';
import { Holders } from '../space/holders.js';
import type { Packing } from '../space/pack.js';
import type { StepTree } from '../space/step-tree.js';
import type { SymmetricGroup } from '../space/symmetry.js';
import type { System } from '../space/system.js';

/** The tables for each two members of a larger group take too much room. */
const MOST_MEMBERS = 8;

/** The tables of one search. */
export class KernelSymmetry {
  readonly #system: System;
  readonly #packing: Packing;
  /** Fills in the codes of values, of those that there are. */
  #fills: (() => void)[] = [];
  /** The values that tables were filled in for. */
  #version = -1;

  constructor(
    readonly canonical: Canonical,
    readonly steps: StepTree,
  ) {
    this.#system = steps.system;
    this.#packing = steps.packing;
  }

  /** Whether a kernel knows such groups: nothing holds an identity of their members but latches. */
  static knows({ groups }: Canonical): boolean {
    return groups.every(({ actors, domain }) => domain === undefined && actors.length <= MOST_MEMBERS);
  }

  /** Makes the tables, where fields lie now; where they lie among the words. */
  layOut(): number {
    this.#fills = [];
    const { groups } = this.canonical;
    const latches = [...new Holders(this.#system).words].filter((word) => !this.#isZero(word));
    const fields = groups.map((group) => this.#fieldsOf(group));
    const sizes = groups.map(({ actors: { length } }, i) => {
      const own = fields[i].length * (length * OWN + OWN_TABLES);
      return GROUP + length + own + latches.length * LATCH;
    });
    const place = this.steps.allocate(sizes.reduce((sum, size) => sum + size, 0));
    let at = place;
    groups.forEach((group, i) => {
      this.#putGroup(at, group, fields[i], latches);
      at += sizes[i];
    });
    this.#version = -1;
    this.follow();
    return place;
  }

  /** Fills in what was learned since. */
  follow(): void {
    if (this.#version === this.#packing.version) return;
    this.#version = this.#packing.version;
    for (const fill of this.#fills) fill();
  }

  #isZero(word: number): boolean {
    const { places } = this.#packing;
    return places.mask[word] === 0 && this.#packing.valuesOf(word)[0] === 0;
  }

  /** What concerns each member alone, a row of fields each: first its local state, then registers and results, as the form compares them. */
  #fieldsOf({ actors }: SymmetricGroup): number[][] {
    const { localBase, slotBase, slots, resultBase, program } = this.#system;
    const row = (place: (actor: number) => number): number[] => actors.map(place);
    const calls = program.actors[actors[0]].calls.length;
    return [
      row((actor) => localBase + actor),
      ...Array.from({ length: slots }, (_, slot) => row((actor) => slotBase + actor * slots + slot)),
      ...Array.from({ length: calls }, (_, call) => row((actor) => resultBase[actor] + call)),
    ];
  }

  #putGroup(place: number, { actors }: SymmetricGroup, fields: readonly number[][], latches: readonly number[]): void {
    const values = new Map([...fields.flat(), ...latches].map((field) => [field, this.#valueTable(field)]));
    const own = fields.flat().flatMap((field) => [...this.#placeOf(field), values.get(field) as number]);
    const translations = fields.flatMap((members) => this.#translations(members));
    const held = latches.flatMap((word) => [...this.#placeOf(word), values.get(word) as number]);
    const words = [actors.length, fields.length, latches.length, ...actors, ...own, ...translations, ...held];
    this.steps.words.set(words, place);
  }

  #placeOf(field: number): number[] {
    const { word, shift, mask } = this.#packing.places;
    return [word[field], shift[field], mask[field]];
  }

  /** A table of a field's values by code. */
  #valueTable(field: number): number {
    const { steps } = this;
    const packing = this.#packing;
    const table = steps.allocate(packing.places.mask[field] + 1);
    this.#fills.push(() => steps.words.set(packing.valuesOf(field), table));
    return table;
  }

  /** Tables of codes of each member by codes of each, plus 1; 0 where one has no value of another's. */
  #translations(members: readonly number[]): number[] {
    const { steps } = this;
    const packing = this.#packing;
    const codes = Math.max(...members.map((field) => packing.places.mask[field])) + 1;
    const tables = steps.allocate(members.length ** 2 * codes);
    this.#fills.push(() => {
      members.forEach((from, i) => {
        const values = packing.valuesOf(from);
        members.forEach((to, k) => {
          const table = tables + (i * members.length + k) * codes;
          values.forEach((value, code) => {
            steps.words[table + code] = packing.codeOf(to, value) + 1;
          });
        });
      });
    });
    return [tables, codes];
  }
}
