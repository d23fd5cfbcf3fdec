/**
 * The dynamic PAMT: what KVM and the TDX module know of each region of 2M of the host's memory. A block of frames is a region; where
 * folios are of one page, all frames lie in one. Declared with the frames, in worlds whose scenario asks for it.
 */

import { pamtMachine } from '../../../machines/pamt.js';
import type { CellArray } from '../../core/ops/cell.js';
import type { ObjectArray } from '../../core/ops/objects.js';
import type { Index } from '../../core/ops/ref.js';
import type { ModelBuilder } from '../../model/model-builder.js';
import type { Mutex } from '../../primitives/lock.js';
import type { Folio } from '../scheme.js';
import type { LargeFolios } from './large-folios.js';

/** The PAMT of all regions. */
export class Pamt {
  /** Whether the module has it, one machine a region. */
  readonly regions: ObjectArray;
  /** pamt_refcount of each region. */
  readonly refcounts: CellArray;
  /** How many pages of 4K of a region TDs have, as the module knows it. */
  readonly pages: CellArray;
  /** pamt_lock: what a count of none becomes, and what becomes none. */
  readonly lock: Mutex;
  readonly #large: LargeFolios | undefined;

  constructor(m: ModelBuilder, large: LargeFolios | undefined) {
    const count = large?.blocks.count ?? 1;
    this.#large = large;
    this.regions = m.objects('pamt', pamtMachine, count);
    this.refcounts = m.cells('pamt_refcount', count);
    this.pages = m.cells('pamt_pages', count);
    this.lock = m.spinlock('pamt_lock');
  }

  /** The region of a page frame. */
  at(page: Folio): Index {
    return this.#large?.blockOf(page) ?? 0;
  }
}
