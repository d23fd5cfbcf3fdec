/**
 * Layout: which word of shared memory is which cell.
 *
 * A region is a named run of 32-bit words (one cell, or an array of cells); the layout hands out the words and keeps
 * the names for traces. Imported by the model builder, the executor and the reports.
 */

import { ModelError } from '../errors.js';
import { type Domain, Identity, type Index, type PartOf, Ref } from './ref.js';
import type { ValueNames } from './value-names.js';
import { valueText, wordValue } from './word-value.js';

/** What the words of a region are for. */
export type RegionKind = 'cell' | 'ghost' | 'object' | 'latch';

/** A named run of words. */
export interface Region {
  readonly name: string;
  readonly kind: RegionKind;
  /** Word offset of the first cell. */
  readonly base: number;
  /** Number of cells. */
  readonly count: number;
  /** Words per cell; word `k` of cell `i` is at `base + k * count + i`. */
  readonly width: number;
  /** Whether traces print an index behind the name. */
  readonly indexed: boolean;
  /** The cells hold refs into this domain (`index + 1`, 0 for none). */
  readonly refTo: Domain | undefined;
  /** What the model calls the values of the cells. */
  readonly values: ValueNames | undefined;
  /** Latches: an actor's bit says that it has changed since the actor took it, and not that the actor holds it. */
  readonly isToken: boolean;
  /**
   * Latches: how far the words for each further thirty actors lie from those for the first, which is 0 away. A model of up
   * to thirty actors has the first alone.
   */
  readonly planes: readonly number[];
  /** Whether these are words for further actors, of a latch that was declared before. */
  readonly isPlane: boolean;
  /** Which part of an array of several regions it is, and the first of them; undefined for an array of its own. */
  readonly part?: PartOf & { readonly first: Region };
}

/** Words of a model. Every state holds them all: with more than that a single one takes more than a mebibyte. */
const MOST_WORDS = 2 ** 18;

/** Of a region that has no further words. */
const FIRST_ONLY: readonly number[] = [0];

/** The words of one model: regions in the order of their declaration. */
export class Layout {
  readonly regions: Region[] = [];
  #initial: number[] = [];
  readonly #names = new Set<string>();
  #isClosed = false;

  /** Total number of words handed out. */
  get words(): number {
    return this.#initial.length;
  }

  /**
   * Adds a region whose cells all start with `initial`.
   *
   * @throws RangeError when the name is taken, ModelError for an `initial` that its cells cannot hold and for more words
   * than a model may have
   */
  add(name: string, kind: RegionKind, count: number, initial: number, options: RegionOptions = {}): Region {
    if (this.#isClosed) throw declaredLate(`"${name}"`);
    checkName('cell', name);
    if (this.#names.has(name)) throw new RangeError(`two cells are named "${name}"; names must differ`);
    if (!Number.isInteger(count) || count < 1) throw new RangeError(`"${name}" needs at least one cell, not ${count}`);
    this.#checkRoom(name, count, this.words + count * (options.width ?? 1));
    this.#names.add(name);
    checkInitial(name, initial, options.refTo);
    const region: Region = {
      name,
      kind,
      base: this.#initial.length,
      count,
      width: options.width ?? 1,
      indexed: options.indexed ?? count > 1,
      refTo: options.refTo,
      values: options.values,
      isToken: options.isToken ?? false,
      planes: kind === 'latch' ? [...FIRST_ONLY] : FIRST_ONLY,
      isPlane: false,
    };
    this.#push(region, initial);
    return region;
  }

  /** Whether a region is one of these, or the same one of the same model that was built another time. */
  owns({ name, base, count }: Region): boolean {
    const own = this.regions.find((region) => region.base === base);
    return own !== undefined && own.name === name && own.count === count;
  }

  /** No region is added from now on. */
  close(): void {
    this.#isClosed = true;
  }

  /**
   * Gives every latch words for more actors, behind all other words: the whole latch once more for each further `plane`,
   * under the same name. Done when all actors are known.
   *
   * @param planes how often every latch is there in the end
   */
  widen(planes: number): void {
    for (const region of this.regions.filter(({ kind, isPlane }) => kind === 'latch' && !isPlane)) {
      for (let plane = region.planes.length; plane < planes; plane++) {
        const base = this.#initial.length;
        this.#checkRoom(region.name, region.count, base + region.count * region.width);
        (region.planes as number[]).push(base - region.base);
        this.#push({ ...region, base, planes: FIRST_ONLY, isPlane: true }, this.#initial[region.base]);
      }
    }
  }

  #push(region: Region, initial: number): void {
    for (let i = 0; i < region.count * region.width; i++) this.#initial.push(initial);
    this.regions.push(region);
  }

  #checkRoom(name: string, count: number, words: number): void {
    if (words <= MOST_WORDS) return;
    throw new ModelError(
      `with ${count === 1 ? '' : `the ${count} cells of `}"${name}" the model has ${words} words of 4 bytes, and every ` +
        `state holds them all; at most ${MOST_WORDS} are allowed: model the few that make a difference`,
    );
  }

  /**
   * Puts the words in another order: first the regions that are named, as they are named, then all others as they stand.
   * Names that nothing has are passed over. Cells go with their region; a check has the numbers of its words, and is declared
   * later.
   */
  arrange(names: readonly string[]): void {
    const placeOf = ({ name }: Region) => (names.includes(name) ? names.indexOf(name) : names.length);
    const arranged = [...this.regions].sort((one, other) => placeOf(one) - placeOf(other));
    this.#initial = arranged.flatMap(({ base, count, width }) => this.#initial.slice(base, base + count * width));
    let next = 0;
    for (const region of arranged) {
      (region as { base: number }).base = next;
      next += region.count * region.width;
    }
    this.regions.splice(0, arranged.length, ...arranged);
  }

  /** Overrides the initial value of one word. */
  setInitial(word: number, value: number): void {
    this.#initial[word] = wordValue(value, () => `${this.nameOf(word)} starts with `);
  }

  /** The initial values of all words. */
  initial(): Int32Array {
    return Int32Array.from(this.#initial);
  }

  /** The region a word belongs to, or undefined past the end. */
  regionOf(word: number): Region | undefined {
    return this.regions.find((region) => word >= region.base && word < region.base + region.count * region.width);
  }

  /** A word's name as traces print it: `invalidate_lock`, `i_pages[3]`. */
  nameOf(word: number): string {
    const region = this.regionOf(word);
    if (region === undefined) return `word ${word}`;
    const index = (word - region.base) % region.count;
    const { part } = region;
    if (part !== undefined) return `${part.name}[${index * part.of + part.place}]`;
    return region.indexed ? `${region.name}[${index}]` : region.name;
  }

  /** Makes one array of several regions, each with every so manyth cell of it: cell 1 of region 2 of 4 is `name[6]`. */
  join(name: string, regions: readonly Region[]): void {
    for (const [place, region] of regions.entries()) {
      (region as { part: Region['part'] }).part = { name, place, of: regions.length, first: regions[0] };
    }
  }
}

/**
 * Throws ModelError for a latch whose bits lie in several words: a check, or an op that computes, sees one value a cell.
 */
export function checkLooks({ name, planes }: Region): void {
  if (planes.length === 1) return;
  throw new ModelError(
    `in a model of more than thirty actors no check and no computation can look at who holds ${name}; look at a cell`,
  );
}

/** The index itself; throws ModelError when it names a cell that the region does not have. */
export function checkedIndex(region: Region, index: Index): Index {
  if (index instanceof Ref) return index;
  const position: unknown = index instanceof Identity ? index.index : index;
  const exists = typeof position === 'number' && Number.isInteger(position) && position >= 0 && position < region.count;
  if (exists) return index;
  throw new ModelError(
    `${region.name}[${valueText(position)}] does not exist; ${region.name} has ${region.count} cells`,
  );
}

/** Cells start with a word; those that hold refs with none (0), a mark (below 0), or an identity's position + 1. */
function checkInitial(name: string, initial: unknown, refTo: Domain | undefined): void {
  const value = wordValue(initial, () => `${name} starts with `);
  if (refTo === undefined || value <= refTo.count) return;
  throw new ModelError(
    `${name} starts with ${value}: a ref to ${refTo.name} is its position + 1, at most ${refTo.count}, or 0 for none`,
  );
}

/** What a region may declare beyond its name and size. */
export interface RegionOptions {
  indexed?: boolean;
  width?: number;
  refTo?: Domain | undefined;
  values?: ValueNames | undefined;
  isToken?: boolean;
}

/** Throws ModelError for a name that names nothing. */
export function checkName(what: string, name: unknown): void {
  if (typeof name === 'string' && name.trim() !== '') return;
  throw new ModelError(
    `a ${what} is named ${valueText(name)}; reports call it by its name, which is a text of one letter or more`,
  );
}

/** What is declared when the model has been built is in no state. */
export function declaredLate(what: string): ModelError {
  return new ModelError(
    `${what} is declared after build() has returned; all cells, actors and checks are declared in build`,
  );
}
