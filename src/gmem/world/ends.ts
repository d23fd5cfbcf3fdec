/**
 * Ends: what the end of a file, of a VM and of an inode is seen by, and the tasks in which some of it happens. A file pins the VM
 * and the inode; a memslot pins nothing, and so may point to a file that is going. Declared by the world, in worlds that have the
 * part `fileEnds`.
 */

import type { Cell, CellArray } from '../../core/ops/cell.js';
import type { ModelBuilder } from '../../model/model-builder.js';
import type { RefCount } from '../../primitives/refcount.js';
import type { SpawnedActor } from '../../primitives/spawned.js';
import { instanceNames } from './instance-names.js';

/** Values of `life`. */
export const ALIVE = 0;
export const FREED = 1;

/** The end of one file. */
export class FileEnd {
  /** By pages: whether the VMM maps it, for which the VMA has a reference; in worlds in which it does. */
  readonly mapped: CellArray | undefined;
  /** Whether the descriptor is open. */
  readonly descriptor: Cell;
  /** file->f_count: one for the descriptor, one for each VMA, one for each task that is in a call with it or that came through the memslot. */
  readonly references: RefCount;
  /** Whether slot->gmem.file of its memslots points to it. */
  readonly slotPointer: Cell;
  /** Whether its gmem_file is on the list of the inode. */
  readonly listed: Cell;
  /** Whether memslots are bound to it, where files are linked; else those of its VM are. */
  readonly bound: Cell | undefined;
  /** Whether its gmem_file is still there. */
  readonly life: Cell;
  /** The __fput() of what a vCPU drops last. Set once all actors of the scenario are declared, where there are vCPUs. */
  lateFput: SpawnedActor | undefined;
  /** Names what belongs to it. */
  readonly named: (name: string) => string;

  /**
   * @param mappedPages how many pages the VMM maps at first, each by a VMA of its own
   * @param comesLater whether it is there only once it is linked; undefined where none is
   */
  constructor(m: ModelBuilder, number: number, mappedPages: number, comesLater?: boolean) {
    const named = instanceNames('file', number);
    const [one, alive] = comesLater === true ? [0, FREED] : [1, ALIVE];
    this.named = named;
    this.descriptor = m.cell(named('descriptor'), { initial: one });
    this.references = m.refcount(named('f_count'), { initial: one + mappedPages });
    this.mapped = mappedPages === 0 ? undefined : m.cells(named('vma'), mappedPages, { initial: 1 });
    this.slotPointer = m.cell(named('slot->gmem.file'), { initial: one });
    this.listed = m.cell(named('gmem_file_list'), { initial: one });
    this.bound = comesLater === undefined ? undefined : m.cell(named('bindings'), { initial: one });
    this.life = m.cell(named('kfree(gmem_file)'), { initial: alive });
  }
}

/** The end of one VM. */
export class VmEnd {
  /** kvm->users_count: one for each file, and one for the descriptors of the VM and of its vCPUs. */
  readonly users: RefCount;
  /** Whether these are open, in worlds where they are closed. */
  readonly descriptors: Cell | undefined;

  constructor(m: ModelBuilder, named: (name: string) => string, fileCount: number, isClosed: boolean) {
    this.users = m.refcount(named('users_count'), { initial: fileCount + 1 });
    this.descriptors = isClosed ? m.cell(named('vm_descriptors'), { initial: 1 }) : undefined;
  }
}

/** The end of one inode. */
export class InodeEnd {
  /** inode->i_count: one for each file. */
  readonly references: RefCount;
  /** Whether the slab has it back. */
  readonly life: Cell;
  /** The RCU callback that gives it back. Set once all actors of the scenario are declared. */
  freeInode: SpawnedActor | undefined;

  constructor(
    m: ModelBuilder,
    /** Names what belongs to it. */
    readonly named: (name: string) => string,
    fileCount: number,
  ) {
    this.references = m.refcount(named('i_count'), { initial: fileCount });
    this.life = m.cell(named('kmem_cache_free(inode)'), { initial: ALIVE });
  }
}
