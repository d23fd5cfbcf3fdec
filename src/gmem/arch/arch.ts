/**
 * Arch: what the architecture does to a folio on guest_memfd's behalf. `defineArch(base, changes)` makes one of another, so
 * that what it does not need is left to the base. Four of them: none.ts, snp.ts, tdx.ts and pkvm.ts.
 */

import { InputError } from '../../core/errors.js';
import { unknownName } from '../../core/input-sentence.js';
import { notedMaker } from '../../core/ops/made.js';
import type { Op } from '../../core/ops/op.js';
import type { Routine } from '../../core/ops/routine.js';
import { valueText } from '../../core/ops/word-value.js';
import { calledAt } from '../../core/user-line.js';
import type { Gmem } from '../gmem.js';
import type { Folio, Gfn } from '../scheme.js';

/** The arch hooks of guest_memfd. */
export interface Arch {
  readonly name: string;
  /**
   * kvm_has_mirrored_tdp(): whether private memory has a root of its own. Without one a zap takes whatever is mapped
   * (kvm_gfn_range_filter_to_root_types(), arch/x86/kvm/mmu/mmu.h).
   */
  readonly hasMirroredRoots: boolean;
  /**
   * kvm_arch_gmem_prepare(): makes a folio, or a range of its pages, private to the guest if it is not. 0 or a negative errno.
   * `page`: the one that is asked about, and prepared if no more of the folio can be; its first one if left out, because V1 and
   * V2 round the index down to the folio.
   */
  prepare(g: Gmem, folio: Folio, page?: Folio): Routine<number>;
  /**
   * What the architecture knows of a page that was mapped private at a gfn just now, besides what its frame says. A part of the
   * section of the map.
   */
  mappedPrivate(g: Gmem, gfn: Gfn, page: Folio): Routine;
  /**
   * kvm_arch_gmem_max_mapping_level() as an order: what the guest may map of a folio of this order that the fault has prepared,
   * at the page that it is about. Asked where folios may be large.
   */
  maxMappingOrder(g: Gmem, page: Folio, isPrivate: boolean, order: number): Routine<number>;
  /**
   * Whether a private access of the guest goes no further than its mapping of a page: #NPF with the RMP bit. `validates`: the
   * guest validates 4K. A part of the section of the access; asked where folios may be large.
   */
  refusesAccess(g: Gmem, gfn: Gfn, page: Folio, validates: boolean): Routine<boolean>;
  /** What the hypervisor does about that, before the guest tries again. */
  handleRefusal(g: Gmem, gfn: Gfn): Routine;
  /**
   * What has to be split before a range is zapped: large leaves that reach out of it, where the guest loses what is zapped.
   * `isPrepared`: the memory for that is there. 0 or a negative errno.
   */
  splitLeaves(g: Gmem, gfns: readonly Gfn[], isPrepared: boolean): Routine<number>;
  /**
   * Whether an access of a device to a page as shared memory goes no further than the architecture: a fault of the device. A part of
   * the section of the access; where the access brings the host down instead, that is a finding.
   */
  refusesDma(g: Gmem, page: Folio): Routine<boolean>;
  /** A store of the host to a page through its direct mapping. */
  hostStore(g: Gmem, page: Folio, store: Op<void>): Routine;
  /**
   * Takes a folio back that leaves the page cache: kvm_arch_gmem_invalidate() in V1 and V2, kvm_arch_gmem_reclaim() in V2'
   * and V3b. What is in it is of no use to anybody.
   */
  reclaim(g: Gmem, folio: Folio): Routine;
  /**
   * Gives a folio to the host that stays in the page cache, at conversion to shared: kvm_arch_gmem_invalidate() in V1 and V2,
   * kvm_arch_gmem_make_shared() in V2' and V3b. What is in it may have to stay.
   */
  makeShared(g: Gmem, folio: Folio): Routine;
  /**
   * The vendor's post_populate: copies the source page in and measures it. 0 or a negative errno. `faultOnSource` is
   * what the copy has to go through when the source was not pinned before (V1), `gfn` where the page is going to be mapped.
   */
  postPopulate(g: Gmem, folio: Folio, faultOnSource: (() => Routine) | undefined, gfn: Gfn): Routine<number>;
  /** The same without a source: measures what is in the page. 0 or a negative errno. */
  postPopulateInPlace(g: Gmem, folio: Folio, gfn: Gfn): Routine<number>;
}

/** An architecture made of another one and what is changed. Throws InputError for what no architecture has. */
export function defineArch(base: Arch, changes: Partial<Arch>): Arch {
  for (const [key, given] of Object.entries(changes)) {
    const own: unknown = base[key as keyof Arch];
    if (own === undefined) {
      const words = unknownName('change', key, Object.keys(base).sort());
      throw new InputError(`faultline: defineArch(${base.name}, { ... })${calledAt()}: ${words}`);
    }
    if (typeof given === typeof own) continue;
    const instead = typeof own === 'function' ? `write *${key}(g, ...) { ... }` : `allowed: a ${typeof own}`;
    throw new InputError(
      `faultline: defineArch(${base.name}, { ... })${calledAt()}: ${key} is ${valueText(given)}; ${instead}`,
    );
  }
  return notedArch({ ...base, ...changes });
}

/** An architecture whose hooks are noted: whoever calls them must not forget to yield them. */
export function notedArch(arch: Arch): Arch {
  const hooks = Object.entries(arch).filter(([, hook]) => typeof hook === 'function');
  return { ...arch, ...Object.fromEntries(hooks.map(([name, hook]) => [name, notedMaker(name, hook)])) };
}
