/**
 * Scheme: how one kernel version, or a proposal, orders locks, flags and hooks. A small set of routines behind one
 * interface; `defineScheme(base, changes)` makes a new one, so that the difference between two reads like the patch.
 * Imported by schemes, mutations, the model and users' files.
 */

import { InputError } from '../core/errors.js';
import { didYouMean } from '../core/input-sentence.js';
import { notedMaker } from '../core/ops/made.js';
import type { Ref } from '../core/ops/ref.js';
import type { Routine } from '../core/ops/routine.js';
import { valueText } from '../core/ops/word-value.js';
import { calledAt } from '../core/user-line.js';
import type { ModelBuilder } from '../model/model-builder.js';
import type { SlotLoop } from './calls/memslots.js';
import type { Opening } from './calls/open-and-zap.js';
import type { Optimizing } from './calls/rmpopt.js';
import type { SlotFlags, SlotNow, SlotResult } from './calls/slot-set.js';
import type { Gmem } from './gmem.js';
import type { Access, Scenario } from './scenarios/scenario.js';
import type { Traits } from './traits.js';
import type { SlotStruct } from './world/memslots.js';

/** A folio, as routines see it: an order-0 page frame. */
export type Folio = Ref;
/**
 * A page of the file by its index, which is the guest frame number as well; where there are memslots, the ref says which of
 * them shows the page, and with it at which gfn (world/shown.ts).
 */
export type Gfn = Ref;

/** The routines in which kernel versions and proposals differ. docs/kernel.md says what each models. */
export interface SchemeRoutines {
  /**
   * kvm_mmu_faultin_pfn(): takes the snapshot of mmu_invalidate_seq, compares the attribute. Whether it matches the
   * fault.
   */
  faultinPfn(g: Gmem, gfn: Gfn, isPrivate: boolean): Routine<boolean>;
  /** mmu_invalidate_retry_gfn(): whether an invalidation makes the fault stale. */
  invalidateRetry(g: Gmem, gfn: Gfn): Routine<boolean>;
  /** The end of kvm_tdp_page_fault(): the stale check and the map under mmu_lock. RET_PF_RETRY or RET_PF_FIXED. */
  mapFolio(g: Gmem, gfn: Gfn, folio: Folio, isPrivate: boolean): Routine<number>;
  /** The allocation in kvm_gmem_get_folio(): a folio with one reference that is in no page cache yet; null without memory. */
  newFolio(g: Gmem, gfn: Gfn): Routine<Folio | null>;
  /**
   * What kvm_gmem_get_folio() does with a folio that it has just put into the page cache, locked and with a reference: the folio
   * of the gfn, likewise, or a negative errno.
   */
  freshFolio(g: Gmem, gfn: Gfn, folio: Folio): Routine<Folio | number>;
  /** The max_order that kvm_gmem_get_pfn() reports with a folio: the order of what may be mapped at a gfn at most. */
  maxOrder(g: Gmem, gfn: Gfn, folio: Folio): Routine<number>;
  /** kvm_gmem_get_pfn(): the folio for a gfn, ready for the guest; RET_PF_RETRY; or a negative errno. */
  getPfn(g: Gmem, gfn: Gfn, isPrivate: boolean): Routine<Folio | number>;
  /** Clears the folio if need be and has the architecture prepare it. 0, RET_PF_RETRY or a negative errno. */
  prepareFolio(g: Gmem, folio: Folio, gfn: Gfn): Routine<number>;
  /** What the architecture's hook does to a page that it is about to give to the guest for a fault. */
  assigning(g: Gmem, page: Folio): Routine;
  /** Clears a locked folio, of which the page at the gfn is wanted, unless that was done; remembers that it was. */
  clearFolio(g: Gmem, folio: Folio, gfn: Gfn): Routine;
  /** Whether the folio is cleared and prepared, where the scheme tracks that. */
  testPrepared(g: Gmem, folio: Folio, gfn: Gfn): Routine<boolean>;
  /** kvm_gmem_mark_prepared(), where the scheme tracks that. */
  markPrepared(g: Gmem, folio: Folio, gfn: Gfn): Routine;
  /** What the scheme does with an index when a punch or a conversion has begun its invalidation and zapped it. */
  invalidating(g: Gmem, gfn: Gfn): Routine;
  /**
   * truncate_inode_partial_folio() for a large folio, found at a gfn with a reference, that reaches out of the range. Gives the
   * reference back.
   */
  truncatePartial(g: Gmem, gfns: readonly Gfn[], gfn: Gfn, folio: Folio): Routine;
  /** And when the invalidation has ended, with the invalidate lock still held. */
  invalidated(g: Gmem, gfn: Gfn): Routine;
  /** What the scheme forgets once an index was truncated: after truncate_inode_pages_range(). */
  indexTruncated(g: Gmem, gfn: Gfn): Routine;
  /**
   * What the scheme forgets once an index was made shared, whether it had a folio or not: after kvm_gmem_make_shared().
   */
  folioMadeShared(g: Gmem, gfn: Gfn): Routine;
  /** kvm_gmem_populate(): pages populated, or a negative errno. */
  populate(g: Gmem, gfns: readonly Gfn[]): Routine<number>;
  /** kvm_gmem_fault_user_mapping() up to the lookup: the folio for a user mapping, locked; or a negative errno. */
  getFolioForUser(g: Gmem, gfn: Gfn): Routine<Folio | number>;
  /** __kvm_gmem_set_attributes(): a conversion in place. 0 or a negative errno. */
  setAttributes(g: Gmem, gfns: readonly Gfn[], to: Access): Routine<number>;
  /**
   * What a conversion or a hole does from the begin of its invalidation to the end of its zap, for every VM that has the file. 0, or
   * a negative errno with nothing open any more.
   */
  openAndZap(g: Gmem, gfns: readonly Gfn[], opening: Opening): Routine<number>;
  /** What the exit of a TD's ACCEPT of 4K does about the level at which KVM maps: 0 or a negative errno, which KVM_RUN returns. */
  honorAcceptLevel(g: Gmem, gfn: Gfn): Routine<number>;
  /** What an ioctl of the launch of a TD holds besides slots_lock: tdx_acquire_vm_state_locks(). Whatever the body returns. */
  guardTdState(g: Gmem, body: () => Routine<number>): Routine<number>;
  /** kvm_gmem_punch_hole(): 0 or a negative errno. */
  punchHole(g: Gmem, gfns: readonly Gfn[]): Routine<number>;
  /** What is done to the frozen folios of a block before they are merged into one, whose flags are those of the first. */
  mergingFolios(g: Gmem, folios: readonly Folio[]): Routine;
  /**
   * What becomes of the poison and of the mark of the direct map of a frozen large folio, in the step that splits it to pages or
   * has merged it of them. The flag uptodate is no business of it: a split copies that.
   */
  carryFlags(g: Gmem, folio: Folio, to: 'pages' | 'folio'): Routine;
  /** __kvm_gmem_set_attributes() to private: unmap from userspace, check the reference counts. 0 or -EAGAIN. */
  makeConvertible(g: Gmem, gfns: readonly Gfn[]): Routine<number>;
  /** populate without a source, in place: pages populated, or a negative errno. */
  populateInPlace(g: Gmem, gfns: readonly Gfn[]): Routine<number>;
  /** kvm_gmem_write_begin() of write(2): the folio, locked and with a reference; or a negative errno. */
  writeBegin(g: Gmem, gfn: Gfn): Routine<Folio | number>;
  /** What mfill_atomic() has around the page that it resolves a userfault with: 0 or a negative errno. */
  resolveUserfault(g: Gmem, gfn: Gfn, resolve: () => Routine<number>): Routine<number>;
  /** The folio that UFFDIO_CONTINUE maps, locked and with a reference; or a negative errno. */
  folioToContinue(g: Gmem, gfn: Gfn): Routine<Folio | number>;
  /** What UFFDIO_COPY remembers of a folio that it has filled and that nobody can find yet. */
  userfaultCopied(g: Gmem, folio: Folio): Routine;
  /** Whether write(2) and populate must not copy into a folio that they have locked. */
  copyRefused(g: Gmem, folio: Folio): Routine<boolean>;
  /**
   * kvm_gmem_folio_zap_direct_map(): takes a folio that is locked and cleared out of the direct map, where the file asks for
   * it. 0 or a negative errno.
   */
  zapDirectMap(g: Gmem, folio: Folio): Routine<number>;
  /** kvm_gmem_folio_restore_direct_map(): in kvm_gmem_free_folio(), where nothing of the inode can be read any more. */
  restoreDirectMap(g: Gmem, folio: Folio): Routine;
  /** memory_failure() on the page at an index: 0 or a negative errno. */
  memoryFailure(g: Gmem, gfn: Gfn): Routine<number>;
  /** kvm_gmem_error_folio(), called with the folio locked: takes the mappings of every VM away. */
  errorFolio(g: Gmem, gfn: Gfn, folio: Folio): Routine;
  /** What memory_failure() makes of a page of a folio that kvm_gmem_error_folio() has dealt with: 0 or a negative errno. */
  actionResult(g: Gmem, folio: Folio, page: Folio): Routine<number>;
  /** __do_fault(): whether the page that a user fault got has failed, before its PTE is installed. */
  poisonedForUser(g: Gmem, folio: Folio): Routine<boolean>;
  /** The end of a conversion of either kind: store the attributes and end the invalidation. */
  storeAndEnd(g: Gmem, gfns: readonly Gfn[], to: Access): Routine;
  /** kvm_mmu_invalidate_end(), with mmu_lock held for write. */
  invalidateEnd(g: Gmem): Routine;
  /**
   * a_ops->free_folio of a locked folio that has left the page cache, before the page cache's reference goes. Its mapping is
   * gone: there is no index, and nothing of the inode can be asked.
   */
  freeFolio(g: Gmem, folio: Folio): Routine;
  /**
   * What else a_ops->free_folio does, for a pool that the folio came from: gives back what was to be kept about it as long as the
   * file had it. Behind `freeFolio`.
   */
  restoreMetadata(g: Gmem, folio: Folio): Routine;
  /** folio_put(), folio_put_refs(): drops references; the last one gives the page frames back. */
  putFolio(g: Gmem, folio: Folio, references: number): Routine;
  /** What is done about a folio that leaves the guest while the architecture fails to unassign it. */
  reclaimFailed(g: Gmem, folio: Folio): Routine;
  /** What conversion to shared has the architecture do to a folio that stays in the page cache. */
  giveToHost(g: Gmem, folio: Folio): Routine;
  /** tdx_pamt_get() for a page of 4K that a TD is about to get, with mmu_lock held; in worlds with a dynamic PAMT. */
  pamtGet(g: Gmem, page: Folio): Routine;
  /** tdx_pamt_put() for one that it has given back. */
  pamtPut(g: Gmem, page: Folio): Routine;
  /**
   * How a task of the host splits a leaf of the S-EPT with a PAMT page of the VM's cache. mmu_lock is held for write before and after,
   * and may be given up between; `split` needs it.
   */
  splitWithPamt(g: Gmem, gfn: Gfn, split: () => Routine): Routine;
  /** The end of tdx_mmu_release_hkid() for a TD that is given up. */
  releaseHkid(g: Gmem): Routine;
  /** What populate does about a page that the launch refused, under the exclusive invalidate lock. */
  populateFailed(g: Gmem, gfn: Gfn): Routine;
  /** kvm_gmem_release(): what the last fput() of a file does about its VM and its inode, before the inode loses it. */
  releaseFile(g: Gmem): Routine;
  /** What KVM does to the pages of a binding that ends, behind the zap, with slots_lock and the invalidate lock held. */
  bindingEnds(g: Gmem, gfns: readonly Gfn[]): Routine;
  /** __fput() of a file: releases it, gives the reference of the module back, and drops the inode. */
  lastFput(g: Gmem): Routine;
  /** How a file that is linked gets onto the list of its inode's files. */
  listFile(g: Gmem): Routine;
  /** sev_vm_move_enc_context_from(): the guest of the first VM is one of this VM from then on. 0 or a negative errno. */
  moveGuest(g: Gmem): Routine<number>;
  /** kvm_destroy_vm(), of which the last file of a VM may be the cause. */
  destroyVm(g: Gmem): Routine;
  /** evict() of an inode that has no file any more, up to the end of its page cache. */
  evictInode(g: Gmem): Routine;
  /** kvm_gmem_free_inode(), which RCU calls. */
  freeInode(g: Gmem): Routine;
  /** kvm_gmem_exit(), when the module is unloaded. */
  exitGmem(g: Gmem): Routine;
  /** kvm_gmem_bind() of a memslot that is not published yet: 0 or a negative errno. */
  bindSlot(g: Gmem, slot: SlotStruct, gfns: readonly Gfn[]): Routine<number>;
  /** What is done about the file once the memslot is published: 0 or a negative errno. */
  commitSlot(g: Gmem, slot: SlotStruct, gfns: readonly Gfn[]): Routine<number>;
  /** kvm_gmem_unbind() of a memslot that nobody finds any more. Whether it holds a reference of the file. */
  unbindSlot(g: Gmem, slot: SlotStruct, gfns: readonly Gfn[]): Routine<boolean>;
  /** kvm_set_memory_region() of a memslot that is there, with other flags. */
  changeSlotFlags(g: Gmem, slot: SlotNow, gfns: readonly Gfn[], flags: SlotFlags): Routine<SlotResult>;
  /** kvm_swap_active_memslots(): publishes what vCPUs find at the gfns of a memslot, by its place among those of the scenario. */
  swapMemslots(g: Gmem, place: number, value: number): Routine;
  /** Whether who takes a fault again under SRCU gives up at a memslot that is about to go. */
  leavesInvalidSlot(g: Gmem, gfn: Gfn, loop: SlotLoop): Routine<boolean>;
  /** What iommufd does to map a page of the file for a device. 0 or a negative errno. */
  deviceMap(g: Gmem, gfn: Gfn): Routine<number>;
  /** And to unmap it: 0 or a negative errno. */
  deviceUnmap(g: Gmem, gfn: Gfn): Routine<number>;
  /** What becomes of an access of the device that has found no translation: RET_PF_RETRY, RET_PF_FIXED or a negative errno. */
  deviceFault(g: Gmem, gfn: Gfn): Routine<number>;
  /** sev_snp_init_protected_guest_state(): loads the VMSA page at a gfn for its vCPU. 0 or a negative errno. */
  loadVmsa(g: Gmem, gfn: Gfn): Routine<number>;
  /** What the begin of an invalidation does about a vCPU whose VMSA is at a gfn of its range, with mmu_lock held for write. */
  invalidateVmsa(g: Gmem, gfn: Gfn): Routine;
}

/** The names of the routines. */
export const routineNames = Object.keys({
  faultinPfn: true,
  invalidateRetry: true,
  mapFolio: true,
  newFolio: true,
  freshFolio: true,
  maxOrder: true,
  getPfn: true,
  prepareFolio: true,
  assigning: true,
  clearFolio: true,
  testPrepared: true,
  markPrepared: true,
  invalidating: true,
  invalidated: true,
  truncatePartial: true,
  indexTruncated: true,
  folioMadeShared: true,
  populate: true,
  getFolioForUser: true,
  setAttributes: true,
  openAndZap: true,
  honorAcceptLevel: true,
  guardTdState: true,
  punchHole: true,
  mergingFolios: true,
  carryFlags: true,
  makeConvertible: true,
  populateInPlace: true,
  writeBegin: true,
  resolveUserfault: true,
  folioToContinue: true,
  userfaultCopied: true,
  copyRefused: true,
  zapDirectMap: true,
  restoreDirectMap: true,
  memoryFailure: true,
  errorFolio: true,
  actionResult: true,
  poisonedForUser: true,
  storeAndEnd: true,
  invalidateEnd: true,
  freeFolio: true,
  restoreMetadata: true,
  putFolio: true,
  reclaimFailed: true,
  giveToHost: true,
  pamtGet: true,
  pamtPut: true,
  splitWithPamt: true,
  releaseHkid: true,
  populateFailed: true,
  releaseFile: true,
  bindingEnds: true,
  lastFput: true,
  listFile: true,
  moveGuest: true,
  destroyVm: true,
  evictInode: true,
  freeInode: true,
  exitGmem: true,
  bindSlot: true,
  commitSlot: true,
  unbindSlot: true,
  changeSlotFlags: true,
  swapMemslots: true,
  leavesInvalidSlot: true,
  deviceMap: true,
  deviceUnmap: true,
  deviceFault: true,
  loadVmsa: true,
  invalidateVmsa: true,
} satisfies Record<keyof SchemeRoutines, true>) as readonly (keyof SchemeRoutines)[];

/** A scheme: its routines and what there is to say about it. */
export interface Scheme extends SchemeRoutines {
  readonly name: string;
  /** One line. */
  readonly title: string;
  /** Label of the kernel version whose steps it takes, V1, V2 or V3b, or of a proposal, such as S4: docs/kernel.md. */
  readonly version: string;
  /** Whether getPfn returns with a page reference that the fault has to drop (not with in-place conversion). */
  readonly returnsReference: boolean;
  /**
   * What it declares of its traits. `traitsOf` runs the routines and says what they do; a scheme whose routines do
   * otherwise than it declares is refused.
   */
  readonly traits?: Partial<Traits>;
  /** What it was made from declares of its traits. Nobody writes it: `defineScheme` does. */
  readonly inherited?: { readonly from: string; readonly traits: Partial<Traits> };
  /** What a worker does with a folio that `freeFolio` left to it, by `leaveToWorker`; without it there is no worker. */
  readonly freeWork?: (g: Gmem, folio: Folio) => Routine;
  /** What it does about the bits of RMPOPT besides what its routines do; left out where it leaves them alone. */
  readonly optimizing?: Optimizing;
  /** Declares cells of the scheme's own; routines reach them with `g.own<T>()`. */
  declare?(m: ModelBuilder, scenario: Scenario): unknown;
}

/**
 * A scheme made of another one and what is changed. What the base declares of its traits holds for the new scheme only if
 * no routine is changed; else `inheritedNote` says where it does not. Throws InputError for a routine that does not exist.
 */
export function defineScheme(base: Scheme, changes: Partial<Scheme> & { readonly name: string }): Scheme {
  if (!isScheme(base)) {
    throw new InputError(
      `faultline: defineScheme(base, { ... }) needs a scheme as its base, such as v2HookEveryFault${calledAt()}.`,
    );
  }
  if (typeof changes?.name !== 'string' || changes.name === '') {
    const meant = didYouMean('name', Object.keys(changes ?? {})).replace('; did you mean', ', and not');
    const instead = meant === '' ? '' : meant.slice(0, -1);
    throw new InputError(`faultline: defineScheme(base, { name: "mine", ... }) needs a name${instead}${calledAt()}.`);
  }
  const allowed = new Set([...Object.keys(base), 'declare', 'freeWork', 'optimizing', 'traits']);
  allowed.delete('inherited');
  for (const key of Object.keys(changes)) {
    if (!allowed.has(key)) {
      throw new InputError(
        `faultline: scheme "${changes.name}"${calledAt()} changes "${key}", which no scheme has; ` +
          `it may change ${[...allowed].sort().join(', ')}${didYouMean(key, [...allowed], '.')}`,
      );
    }
  }
  for (const key of [...routineNames, 'declare'] as const) {
    const given: unknown = changes[key];
    if (given === undefined || typeof given === 'function') continue;
    throw new InputError(
      `faultline: scheme "${changes.name}"${calledAt()}: ${key} is ${valueText(given)}; write *${key}(g, ...) { ... }.`,
    );
  }
  const { traits, ...rest } = base;
  const isSame = !Object.values(changes).some((change) => typeof change === 'function');
  const inherited = { from: base.name, traits: { ...base.inherited?.traits, ...traits } };
  return { ...rest, ...(isSame && traits !== undefined ? { traits } : {}), inherited, ...changes };
}

/** A stranger's scheme with its routines noted: who calls them by `g.scheme` must not forget to yield them. */
export function notedScheme(scheme: Scheme): Scheme {
  const noted = Object.fromEntries(routineNames.map((name) => [name, notedMaker(name, scheme[name])]));
  return { ...scheme, ...(noted as Partial<SchemeRoutines>) };
}

/** Whether a value is a scheme, possibly from another copy of the package. */
export function isScheme(value: unknown): value is Scheme {
  const candidate = value as Scheme | undefined;
  return typeof candidate === 'object' && candidate !== null && typeof candidate.getPfn === 'function';
}
