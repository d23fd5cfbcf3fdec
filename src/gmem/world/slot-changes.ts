/**
 * Slot changes: what KVM keeps of the memslot that shows the file where that may go and come again, as recordings show it. In worlds
 * that have the part; declared by a VM.
 */

import type { Cell, RefCellArray } from '../../core/ops/cell.js';
import type { Domain } from '../../core/ops/ref.js';
import type { Token } from '../../primitives/token.js';
import type { PageArrays } from './parted.js';

/** What a vCPU finds at a gfn of the file: the memslot, one that is about to go, or none. */
export const SLOT = { valid: 0, invalid: 1, absent: 2 } as const;

/** The memslot of one VM. */
export class SlotChanges {
  /** What is published: one of SLOT. */
  readonly slot: Cell;
  /** Faults under way that have found the valid memslot: what synchronize_srcu() waits for before its leaves are zapped. */
  readonly readers: Cell;
  /** Whether the file has the binding, which invalidations of the file go by; under the invalidate lock. */
  readonly bound: Cell;
  /** kvm->mn_active_invalidate_count: no other memslots are published while it is not 0. */
  readonly notifiers: Cell;
  /** By page of the file: what a leaf of a root maps that is obsolete, until the root is taken apart. */
  readonly oldSptes: RefCellArray;
  /** Whether there is such a root. */
  readonly hasOldRoot: Cell;
  /** kvm->arch.mmu_valid_gen: the roots that vCPUs have are obsolete once it has changed. */
  readonly roots: Token;

  constructor(arrays: PageArrays, named: (name: string) => string, gfns: number, domain: Domain) {
    const { m } = arrays;
    this.slot = m.cell(named('memslot'));
    this.readers = m.cell(named('srcu_readers'));
    this.bound = m.cell(named('bindings'), { initial: 1 });
    this.notifiers = m.cell(named('mn_active_invalidate_count'));
    this.oldSptes = arrays.refs(named('old_spte'), gfns, domain);
    this.hasOldRoot = m.cell(named('obsolete_roots'));
    this.roots = m.token(named('mmu_valid_gen'));
  }
}
