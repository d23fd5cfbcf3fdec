/**
 * Large folios: what a world has beyond its pages where folios may have 2^k of them. A block of frames holds one folio of
 * that order, or a folio a frame; a page of a file's block lies at the same place of a block of frames. Declared by the
 * world; calls reach it as `g.large`.
 */

import { buddyMachineOf } from '../../../machines/buddy.js';
import type { CellArray } from '../../core/ops/cell.js';
import type { ObjectArray } from '../../core/ops/objects.js';
import { type PartOf, PartRef, Ref } from '../../core/ops/ref.js';
import type { Parts } from '../parts.js';
import type { Scenario } from '../scenarios/scenario.js';
import { FolioRef } from './folio-ref.js';
import type { PageArrays } from './parted.js';

/** What there is once for each block of frames. */
export class LargeFolios {
  /** Pages in a block. */
  readonly inBlock: number;
  /** The blocks of frames, as the allocator knows them; what every ref to a folio refers to. */
  readonly blocks: ObjectArray;
  /** folio_order() of the folios of a block: `order` for one large folio, 0 for folios of one page. */
  readonly orders: CellArray;
  /** Whether the RMP has one 2M entry for the block. */
  readonly rmpLarge: CellArray | undefined;
  /**
   * Where there is an RMP, or files have no direct map: whether the host's direct mapping of the block is split into 4K. At
   * first it is one 2M entry.
   */
  readonly directMapSplit: CellArray | undefined;
  /** PG_hwpoison of each struct page, where memory may fail. That of a large folio is the one of its first page. */
  readonly hwpoison: CellArray | undefined;
  /** Whether HugeTLB keeps restructuring metadata about the huge page that a block is, in worlds with such a pool. */
  readonly metadata: CellArray | undefined;
  readonly #gfnParts: readonly PartOf[];
  readonly #folioParts: readonly PartOf[];

  constructor(
    arrays: PageArrays,
    /** The order of a large folio. */
    readonly order: number,
    { frames, arch, hugetlbPool }: Scenario,
    { poison, noDirectMap }: Parts,
  ) {
    const { m } = arrays;
    this.inBlock = 2 ** order;
    const count = frames / this.inBlock;
    this.blocks = m.objects('block', buddyMachineOf(this.inBlock), count);
    this.orders = m.cells('folio_order', count);
    this.rmpLarge = arch === 'snp' ? m.cells('rmp_2m', count) : undefined;
    this.directMapSplit = arch === 'snp' || noDirectMap ? m.cells('direct_map_4k', count) : undefined;
    this.hwpoison = poison ? arrays.cells('PG_hwpoison', frames) : undefined;
    this.metadata = hugetlbPool ? m.cells('restructuring_metadata', count) : undefined;
    const partsOf = (name: string): PartOf[] =>
      Array.from({ length: this.inBlock }, (_, place) => ({ name, place, of: this.inBlock }));
    this.#gfnParts = partsOf('gfn');
    this.#folioParts = partsOf('folio');
  }

  /** The gfn at a place of a block of the file. */
  gfn(block: Ref, place: number): PartRef {
    return new PartRef(block, this.#gfnParts[place]);
  }

  /** The large folio that a block of frames is. */
  whole(block: Ref): FolioRef {
    return new FolioRef(block, this.#folioParts[0], this.order);
  }

  /** 2^`order` frames of a block from a place on, as a folio or a range of pages. */
  range(block: Ref, place: number, order = 0): FolioRef {
    return new FolioRef(block, this.#folioParts[place], order);
  }

  /** A ref to a block without the part that it was about. */
  blockOf({ register, domain }: Ref): Ref {
    return new Ref(register, domain);
  }
}
