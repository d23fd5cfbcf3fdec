/**
 * Inode: the memory itself, as long as its page cache holds it, whoever has a file of it open. Declared by the world.
 */

import type { Cell, CellArray, RefCellArray } from '../../core/ops/cell.js';
import type { RwSem } from '../../primitives/lock.js';
import type { Parts } from '../parts.js';
import type { Scenario } from '../scenarios/scenario.js';
import { declareGfnAttributes } from './attributes.js';
import { InodeEnd } from './ends.js';
import type { File } from './file.js';
import type { FileList } from './file-list.js';
import type { Frames } from './frames.js';
import { instanceNames } from './instance-names.js';
import { Iommu } from './iommu.js';
import type { PageArrays } from './parted.js';

/** One guest_memfd inode. */
export class Inode {
  /** The page cache: inode->i_mapping->i_pages. */
  readonly pages: RefCellArray;
  /** mapping->nrpages, in worlds that have the part. */
  readonly pageCount: Cell | undefined;
  /** The folio of each index that lies in an LRU-add batch, in worlds that have them. */
  readonly lruBatches: RefCellArray | undefined;
  /** The tree of attributes, where conversion is in place. */
  readonly attributes: CellArray | undefined;
  readonly invalidateLock: RwSem;
  /** What its end is seen by, in worlds that have the part. */
  readonly end: InodeEnd | undefined;
  /** The list of its files as it is in memory, where files are linked; set by the world. */
  list: FileList | undefined;
  /** The device that the file is mapped for, in worlds that have the part. */
  readonly iommu: Iommu | undefined;
  /** Its files, in the order in which they were made: the list that an invalidation goes through. */
  readonly files: File[] = [];

  /** @param fileCount how many files it has at first */
  constructor(
    arrays: PageArrays,
    number: number,
    scenario: Scenario,
    parts: Parts,
    { domain }: Frames,
    fileCount: number,
  ) {
    const named = instanceNames('inode', number);
    const { m } = arrays;
    this.pages = arrays.refs(named('i_pages'), scenario.gfns, domain);
    this.pageCount = parts.pageCount ? m.cell(named('nrpages')) : undefined;
    this.lruBatches = scenario.lruBatch ? arrays.refs(named('lru_add_batch'), scenario.gfns, domain) : undefined;
    this.attributes =
      scenario.conversion === 'in-place' ? declareGfnAttributes(arrays, named('attributes'), scenario) : undefined;
    this.invalidateLock = m.rwsem(named('invalidate_lock'));
    this.end = parts.fileEnds ? new InodeEnd(m, named, fileCount) : undefined;
    const isReached = parts.devices || parts.trustedDevices;
    this.iommu = isReached ? new Iommu(arrays, named, scenario.gfns, parts, domain) : undefined;
  }
}
