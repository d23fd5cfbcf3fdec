/**
 * Parted arrays: one cell a page where pages lie in blocks of 2^k. An array has a region for each place in a block, and each
 * region one cell a block; so a ref to a block reaches all of its pages, and which one an op is on stands in the routine and
 * not in a register. Made by the objects of a world; without large folios they make ordinary arrays.
 */

import type { AnyStateMachine } from 'xstate';
import { ModelError } from '../../core/errors.js';
import { Bitmap, type Cell, CellArray, type RefCell, RefCellArray } from '../../core/ops/cell.js';
import type { Region } from '../../core/ops/layout.js';
import { type ModelObject, ObjectArray } from '../../core/ops/objects.js';
import type { Op } from '../../core/ops/op.js';
import { type Domain, Identity, type Index, PartRef, type Ref } from '../../core/ops/ref.js';
import type { ModelBuilder } from '../../model/model-builder.js';
import { Mutex, type MutexLabels } from '../../primitives/lock.js';
import { Token } from '../../primitives/token.js';

/** Declares arrays of one cell a page, in blocks of 2^`order` pages. */
export class PageArrays {
  /** Pages in a block. */
  readonly inBlock: number;

  constructor(
    readonly m: ModelBuilder,
    order: number,
  ) {
    this.inBlock = 2 ** order;
  }

  /** Numbers, one a page. */
  cells(name: string, pages: number): CellArray {
    if (this.inBlock === 1) return this.m.cells(name, pages);
    return new PartedCells(this.#each(name, (own) => this.m.cells(own, pages / this.inBlock)));
  }

  /** Refs, one a page. */
  refs(name: string, pages: number, refTo: Domain): RefCellArray {
    if (this.inBlock === 1) return this.m.cells(name, pages, { refTo });
    return new PartedRefCells(this.#each(name, (own) => this.m.cells(own, pages / this.inBlock, { refTo })));
  }

  /** Bits, one a page: those of a place in their words of their own. */
  bitmap(name: string, pages: number): Bitmap {
    if (this.inBlock === 1) return this.m.bitmap(name, pages);
    return new PartedBitmap(this.#each(name, (own) => this.m.bitmap(own, pages / this.inBlock)));
  }

  /** Tokens, one a page. */
  token(name: string, pages: number): Token {
    if (this.inBlock === 1) return this.m.token(name, { count: pages });
    return new PartedToken(this.#each(name, (own) => this.m.token(own, { count: pages / this.inBlock })));
  }

  /** Objects, one a page. */
  objects(name: string, machine: AnyStateMachine, pages: number, options: { events?: string[] }): ObjectArray {
    if (this.inBlock === 1) return this.m.objects(name, machine, pages, options);
    return new PartedObjects(this.#each(name, (own) => this.m.objects(own, machine, pages / this.inBlock, options)));
  }

  /** Mutexes, one a page. */
  mutex(name: string, pages: number, labels: MutexLabels, isFair = false): Mutex {
    const fair = isFair ? { fair: true } : {};
    if (this.inBlock === 1) return this.m.mutex(name, { count: pages, labels, ...fair });
    const count = pages / this.inBlock;
    return new PartedMutex(
      this.#each(name, (own) => this.m.mutex(own, { count, labels, ...fair })),
      labels,
    );
  }

  #each<T extends object>(name: string, make: (name: string) => T): readonly T[] {
    const made = Array.from({ length: this.inBlock }, (_, place) => make(place === 0 ? name : `${name}.${place}`));
    this.m.layout.join(name, made.map(regionOf));
    return made;
  }
}

function regionOf(array: object): Region {
  return 'latch' in array ? (array as Mutex | Token).latch.region : (array as { region: Region }).region;
}

/** The regions of an array, one unless it is parted. */
export function regionsOf(array: { readonly region: Region; readonly arrays?: readonly { region: Region }[] }) {
  return array.arrays?.map(({ region }) => region) ?? [array.region];
}

/** The array that an index is about, and the index in it. A ref that says no part is taken only where none is meant. */
function partAt<T>(arrays: readonly T[], index: Index): readonly [T, Index] {
  if (typeof index === 'number') return [arrays[index % arrays.length], Math.floor(index / arrays.length)];
  if (index instanceof PartRef) return [arrays[index.part.place], index];
  if (!(index instanceof Identity) && index.domain === undefined) return [arrays[0], index];
  throw new ModelError(`a ref to a ${index.domain?.name} does not say which of its ${arrays.length} pages is meant`);
}

class PartedCells extends CellArray {
  constructor(readonly arrays: readonly CellArray[]) {
    super(arrays[0].region);
  }

  override at(index: Index): Cell {
    const [array, place] = partAt(this.arrays, index);
    return array.at(place);
  }
}

class PartedRefCells extends RefCellArray {
  constructor(readonly arrays: readonly RefCellArray[]) {
    super(arrays[0].region, arrays[0].domain);
  }

  override at(index: Index): RefCell {
    const [array, place] = partAt(this.arrays, index);
    return array.at(place);
  }
}

class PartedObjects extends ObjectArray {
  constructor(readonly arrays: readonly ObjectArray[]) {
    super(arrays[0].region, arrays[0].table, arrays[0].machine);
  }

  override at(index: Index): ModelObject {
    const [array, place] = partAt(this.arrays, index);
    return array.at(place);
  }

  /** A page of a file lies at the place in its frames that it has in its block. */
  override follow(cell: { region: Region; index: Index }, event: string): Op<boolean> {
    const [array] = partAt(this.arrays, cell.index);
    return array.follow(cell, event);
  }

  override claim(): never {
    throw new ModelError(`${this.name}: frames are claimed by their blocks`);
  }
}

class PartedBitmap extends Bitmap {
  constructor(readonly arrays: readonly Bitmap[]) {
    super(arrays[0].region, arrays[0].bits * arrays.length);
  }

  override test(bit: Identity | Ref): Op<boolean> {
    return this.#of(bit).test(bit);
  }

  override set(bit: Identity | Ref): Op<void> {
    return this.#of(bit).set(bit);
  }

  override clear(bit: Identity | Ref): Op<void> {
    return this.#of(bit).clear(bit);
  }

  override load(bit: Identity | Ref): Op<Ref> {
    return this.#of(bit).load(bit);
  }

  override store(bit: Identity | Ref, word: Ref, value: boolean): Op<void> {
    return this.#of(bit).store(bit, word, value);
  }

  #of(bit: Identity | Ref): Bitmap {
    return partAt(this.arrays, bit)[0];
  }
}

class PartedToken extends Token {
  constructor(readonly arrays: readonly Token[]) {
    super(arrays[0].latch, arrays[0].name);
  }

  override at(index: Index): Token {
    const [array, place] = partAt(this.arrays, index);
    return array.at(place);
  }
}

class PartedMutex extends Mutex {
  constructor(
    readonly arrays: readonly Mutex[],
    labels: MutexLabels,
  ) {
    super(arrays[0].latch, labels);
  }

  override at(index: Index): Mutex {
    const [array, place] = partAt(this.arrays, index);
    return array.at(place);
  }
}
