/**
 * Arch: what the architecture does to a folio on guest_memfd's behalf. Two of them: none.ts and snp.ts.
 */

import type { Routine } from '../../core/ops/routine.js';
import type { Gmem } from '../gmem.js';
import type { Folio } from '../scheme.js';

/** The arch hooks of guest_memfd. */
export interface Arch {
  readonly name: string;
  /**
   * kvm_has_mirrored_tdp(): whether private memory has a root of its own. Without one a zap takes whatever is mapped
   * (kvm_gfn_range_filter_to_root_types(), arch/x86/kvm/mmu/mmu.h).
   */
  readonly hasMirroredRoots: boolean;
  /** kvm_arch_gmem_prepare(): makes the folio private to the guest if it is not. 0 or a negative errno. */
  prepare(g: Gmem, folio: Folio): Routine<number>;
  /** kvm_arch_gmem_invalidate(): takes the folio back, at free and at conversion to shared. */
  invalidate(g: Gmem, folio: Folio): Routine;
  /**
   * The vendor's post_populate: copies the source page in and measures it. 0 or a negative errno. `faultOnSource` is
   * what the copy has to go through when the source was not pinned before (V1).
   */
  postPopulate(g: Gmem, folio: Folio, faultOnSource?: () => Routine): Routine<number>;
}
