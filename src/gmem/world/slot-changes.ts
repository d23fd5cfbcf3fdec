/**
 * Slot changes: what KVM keeps of the memslot that shows the file where that may go and come again, as recordings show it. In worlds
 * that have the part; declared by a VM.
 */

import type { Cell } from '../../core/ops/cell.js';
import type { ModelBuilder } from '../../model/model-builder.js';
import type { Token } from '../../primitives/token.js';

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
  /** kvm->arch.mmu_valid_gen: the roots that vCPUs have are obsolete once it has changed. */
  readonly roots: Token;

  constructor(m: ModelBuilder, named: (name: string) => string) {
    this.slot = m.cell(named('memslot'));
    this.readers = m.cell(named('srcu_readers'));
    this.bound = m.cell(named('bindings'), { initial: 1 });
    this.notifiers = m.cell(named('mn_active_invalidate_count'));
    this.roots = m.token(named('mmu_valid_gen'));
  }
}
