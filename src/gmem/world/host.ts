/**
 * Host: the process that runs a VM, with its mapping of the file that is the VM's memory. Declared by the world.
 */

import type { RefCellArray } from '../../core/ops/cell.js';
import type { RwSem } from '../../primitives/lock.js';
import type { Scenario } from '../scenarios/scenario.js';
import type { Frames } from './frames.js';
import { instanceNames } from './instance-names.js';
import type { PageArrays } from './parted.js';

/** The VMM of one VM. */
export class Host {
  /** Its page tables: one PTE an index of the file. */
  readonly userPtes: RefCellArray;
  /** The folio that `pin` pinned through the PTE of an index. */
  readonly pins: RefCellArray;
  readonly mmapLock: RwSem;

  constructor(arrays: PageArrays, number: number, { gfns }: Scenario, { domain }: Frames) {
    const named = instanceNames('vm', number);
    this.userPtes = arrays.refs(named('user_pte'), gfns, domain);
    this.pins = arrays.refs(named('gup_pin'), gfns, domain);
    this.mmapLock = arrays.m.rwsem(named('mmap_lock'));
  }
}
