/**
 * Iommu: the IO address space of one device that a file is mapped for, by the pages of the file, and what the device keeps of it.
 * Declared by the inode, in worlds that have the part.
 *
 * The IOTLB is there because a device does not lose what was unmapped before it is flushed. Where guest_memfd has contexts of its
 * users (users/), the IOMMU is one of them, and has of its own what KVM has for its MMU: a lock, a count and a sequence.
 */

import type { Cell, CellArray, RefCellArray } from '../../core/ops/cell.js';
import type { Domain } from '../../core/ops/ref.js';
import type { Mutex } from '../../primitives/lock.js';
import type { Token } from '../../primitives/token.js';
import type { Parts } from '../parts.js';
import type { PageArrays } from './parted.js';

/** One device and its IO page table. */
export class Iommu {
  /** The IO page table: what it maps at the page of the file. */
  readonly ioptes: RefCellArray;
  /** What the device has in its IOTLB. */
  readonly iotlb: RefCellArray;
  /** The folio of which a mapping holds a reference, where mappings do. */
  readonly pins: RefCellArray;
  /** Whether the page is bound to the context of the IOMMU, where there are contexts. */
  readonly bound: CellArray;
  /** How many invalidations the context has been told of that are not over. */
  readonly invalidateInProgress: Cell;
  readonly invalidateSeq: Token;
  /** Page requests of the device that are being answered, where somebody waits for them. */
  readonly requests: Cell;
  /** iopt->iova_rwsem, which whoever changes the page table takes. */
  readonly lock: Mutex;
  /** What a trusted device has in its IOTLB of the guest's own page table, in worlds that have the part. */
  readonly trustedIotlb: RefCellArray | undefined;

  constructor(arrays: PageArrays, named: (name: string) => string, pages: number, parts: Parts, frames: Domain) {
    const { m } = arrays;
    this.ioptes = arrays.refs(named('iopte'), pages, frames);
    this.iotlb = arrays.refs(named('iotlb'), pages, frames);
    this.pins = arrays.refs(named('dma_pin'), pages, frames);
    this.bound = arrays.cells(named('iommu_bound'), pages);
    this.invalidateInProgress = m.cell(named('iommu_invalidate_in_progress'));
    this.requests = m.cell(named('page_requests'));
    this.invalidateSeq = m.token(named('iommu_invalidate_seq'));
    this.lock = m.mutex(named('iova_lock'));
    this.trustedIotlb = parts.trustedDevices ? arrays.refs(named('trusted_iotlb'), pages, frames) : undefined;
  }
}
