/**
 * Memslots: what KVM keeps of the memslots of one VM where the VMM makes and deletes them while vCPUs fault. Which gfns show which
 * pages of the file the scenario says; here it is whether such a memslot is there, and in which struct kvm_memory_slot. In worlds
 * that have the part; declared by a VM.
 */

import type { Cell, CellArray } from '../../core/ops/cell.js';
import type { Ref } from '../../core/ops/ref.js';
import type { ModelBuilder } from '../../model/model-builder.js';
import type { Srcu } from '../../primitives/srcu.js';
import type { Token } from '../../primitives/token.js';
import type { Scenario, Slot } from '../scenarios/scenario.js';
import { slotOf } from './shown.js';

/** What a lookup finds besides the number of a struct, which is 1 or 2. */
export const NO_SLOT = 0;
/** A copy with KVM_MEMSLOT_INVALID. */
export const INVALID_SLOT = 3;

/** A struct kvm_memory_slot of a memslot that a scenario may have: its first one, or the other. */
export interface SlotStruct {
  /** Which of the memslots, by its place among those of the scenario. */
  readonly place: number;
  readonly which: 1 | 2;
}

/** The memslots of one VM, of which none overlap. */
export class Memslots {
  /** By memslot: what a vCPU finds at its gfns. NO_SLOT, the number of a struct, or INVALID_SLOT. */
  readonly published: CellArray;
  /** By struct: whether it is there, or freed. */
  readonly lives: CellArray;
  /** By struct: whether slot->gmem.file points to the file of the VM. */
  readonly filePointers: CellArray;
  /** By page of the file: f->bindings, the number of a struct, or 0. */
  readonly bindings: CellArray;
  /** kvm->srcu */
  readonly srcu: Srcu;
  /** kvm->mn_active_invalidate_count */
  readonly notifiers: Cell;
  /** kvm->arch.mmu_valid_gen, of a VM of the default type: the roots that vCPUs have are obsolete once it has changed. */
  readonly roots: Token | undefined;
  readonly #slots: readonly Slot[] | undefined;

  constructor(m: ModelBuilder, named: (name: string) => string, scenario: Scenario, zapsAllRoots: boolean) {
    this.#slots = scenario.slots;
    const count = scenario.slots?.length ?? 1;
    this.published = m.cells(named('memslots'), count, {
      initial: 1,
      values: { none: NO_SLOT, INVALID: INVALID_SLOT },
    });
    this.lives = m.cells(named('kfree(memslot)'), 2 * count);
    this.filePointers = m.cells(named('memslot->gmem.file'), 2 * count);
    for (let place = 0; place < count; place++) {
      for (const cells of [this.lives, this.filePointers]) m.layout.setInitial(cells.region.base + 2 * place, 1);
    }
    this.bindings = m.cells(named('f->bindings'), scenario.gfns);
    for (let page = 0; page < scenario.gfns; page++) {
      const isBound = scenario.slots?.some(({ index, pages }) => page >= index && page < index + pages) ?? true;
      if (isBound) m.layout.setInitial(this.bindings.region.base + page, 1);
    }
    this.srcu = m.srcu(named('srcu'), { nesting: 1 });
    this.notifiers = m.cell(named('mn_active_invalidate_count'));
    this.roots = zapsAllRoots ? m.token(named('mmu_valid_gen')) : undefined;
  }

  /** How many memslots there may be. */
  get count(): number {
    return this.#slots?.length ?? 1;
  }

  /** The memslot that shows a page, by its place among those of the scenario. */
  placeOf(gfn: Ref): number {
    const slot = slotOf(gfn);
    return slot === undefined ? 0 : this.#slots!.indexOf(slot);
  }

  /** Whether a struct is there. */
  life({ place, which }: SlotStruct): Cell {
    return this.lives.at(2 * place + which - 1);
  }

  /** slot->gmem.file of a struct. */
  filePointer({ place, which }: SlotStruct): Cell {
    return this.filePointers.at(2 * place + which - 1);
  }
}
