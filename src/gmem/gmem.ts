/**
 * Gmem: guest_memfd seen through one of its files: the objects that calls and schemes are about, by short names. What they
 * are, and that there may be several of a kind, world/ says; docs/kernel.md says what is left out. Calls and schemes are
 * written against it; it holds no mutable state of its own.
 */

import type { Bitmap, Cell, CellArray, RefCellArray } from '../core/ops/cell.js';
import type { Region } from '../core/ops/layout.js';
import type { ObjectArray } from '../core/ops/objects.js';
import type { Op } from '../core/ops/op.js';
import { type Routine, tracepoint } from '../core/ops/routine.js';
import type { NamedDomain } from '../core/program/program-builder.js';
import type { Mutex, RwSem } from '../primitives/lock.js';
import type { RwLock } from '../primitives/rwlock.js';
import { notedRoutines } from '../primitives/to-be-yielded.js';
import type { Token } from '../primitives/token.js';
import type { Arch } from './arch/arch.js';
import type { FoundSlot } from './calls/memslots.js';
import { PRIVATE } from './cell-values.js';
import type { Parts } from './parts.js';
import type { Scenario, Slot } from './scenarios/scenario.js';
import type { Folio, Gfn, Scheme } from './scheme.js';
import type { File } from './world/file.js';
import type { Iommu } from './world/iommu.js';
import type { LargeFolios } from './world/large-folios.js';
import type { Memslots } from './world/memslots.js';
import type { Pamt } from './world/pamt.js';
import type { SlotChanges } from './world/slot-changes.js';
import type { Vmsas } from './world/vmsas.js';
import type { World } from './world/world.js';

export type { Bitmap, Folio, Gfn };

/** A world as one file shows it. */
export class Gmem {
  readonly scheme: Scheme;
  readonly arch: Arch;
  /** The memslot through which the guest, or KVM for its gfn, came here; undefined for a call about the file. */
  readonly slot: Slot | undefined;
  /** All pages of the inode, for whoever closes a file of it; handed to calls in worlds that have the part. */
  readonly inodePages: readonly Gfn[] = [];
  /** What the lookup of a fault found of its memslot, where these change. */
  readonly found: FoundSlot | undefined;

  constructor(
    readonly world: World,
    readonly file: File = world.files[0],
  ) {
    this.scheme = world.scheme;
    this.arch = world.arch;
  }

  /** What the world was made of. */
  get scenario(): Scenario {
    return this.world.scenario;
  }

  /** What the world has beyond what every world needs. */
  get parts(): Parts {
    return this.world.parts;
  }

  /** Whether all of the scheme is this package's, and none of it comes from a user's file. */
  get isOurs(): boolean {
    return this.world.isOurs;
  }

  /** The pages of a file, by their indexes; without memslots these are the guest frame numbers as well. */
  get gfns(): NamedDomain {
    return this.world.gfns;
  }

  /** The page frames, one folio machine each. */
  get folios(): ObjectArray {
    return this.world.frames.folios;
  }

  /** folio->_refcount */
  get refcounts(): CellArray {
    return this.world.frames.refcounts;
  }

  /** The lock of each folio. */
  get folioLocks(): Mutex {
    return this.world.frames.locks;
  }

  /** What there is once for each block of frames, where folios may be large. */
  get large(): LargeFolios | undefined {
    return this.world.frames.large;
  }

  /** The dynamic PAMT of a host with TDs, in worlds that have it. */
  get pamt(): Pamt | undefined {
    return this.world.frames.pamt;
  }

  /** mf_mutex, in worlds that have the part. */
  get mfMutex(): Mutex | undefined {
    return this.world.frames.mfMutex;
  }

  /** The page cache: inode->i_mapping->i_pages. */
  get pages(): RefCellArray {
    return this.file.inode.pages;
  }

  /** mapping->nrpages, in worlds that have the part. */
  get pageCount(): Cell | undefined {
    return this.file.inode.pageCount;
  }

  /** The folio of each index that lies in an LRU-add batch, in worlds that have them. */
  get lruBatches(): RefCellArray | undefined {
    return this.file.inode.lruBatches;
  }

  /** In-place: the inode's attribute tree. vm-attributes: kvm->mem_attr_array. */
  get attributes(): CellArray {
    return this.file.attributes;
  }

  /** The root of private memory. */
  get privateSptes(): RefCellArray {
    return this.file.vm.privateSptes;
  }

  /** The root of shared memory. */
  get sharedSptes(): RefCellArray {
    return this.file.vm.sharedSptes;
  }

  /** The S-EPT of a TD, in worlds that have the part. */
  get sept(): ObjectArray | undefined {
    return this.file.vm.sept;
  }

  /** What flushes of TLBs are steps on, in worlds that have the part. */
  get tlbs(): Cell | undefined {
    return this.file.vm.tlbs;
  }

  /** Whether ordinary memory is mapped at a gfn, in worlds that have the part. */
  get ordinarySptes(): CellArray | undefined {
    return this.file.vm.ordinarySptes;
  }

  /** How many vCPUs are within kvm_tdp_mmu_map(), in worlds that have the part. */
  get mappers(): Cell | undefined {
    return this.file.vm.mappers;
  }

  /** The memslot where it may change, in worlds that have the part. */
  get slotChanges(): SlotChanges | undefined {
    return this.file.vm.slotChanges;
  }

  /** The memslots where the VMM changes them, in worlds that have the part. */
  get memslots(): Memslots | undefined {
    return this.file.vm.memslots;
  }

  /** The vCPUs with VMSA pages, in worlds that have the part. */
  get vmsas(): Vmsas | undefined {
    return this.file.vm.vmsas;
  }

  /** The device that the file is mapped for, in worlds that have the part. */
  get iommu(): Iommu | undefined {
    return this.file.inode.iommu;
  }

  /** Page tables of the VMM: one PTE per index. */
  get userPtes(): RefCellArray {
    return this.file.host.userPtes;
  }

  /** The folio that `pin` pinned through the PTE of an index. */
  get pins(): RefCellArray {
    return this.file.host.pins;
  }

  /** kvm->mmu_invalidate_seq */
  get invalidateSeq(): Token {
    return this.file.vm.invalidateSeq;
  }

  /** kvm->mmu_invalidate_in_progress */
  get invalidateInProgress(): Cell {
    return this.file.vm.invalidateInProgress;
  }

  /** kvm->mmu_invalidate_range_start */
  get rangeStart(): Cell {
    return this.file.vm.rangeStart;
  }

  /** kvm->mmu_invalidate_range_end */
  get rangeEnd(): Cell {
    return this.file.vm.rangeEnd;
  }

  /** kvm->slots_lock */
  get slotsLock(): Mutex {
    return this.file.vm.slotsLock;
  }

  /** The lock of the address space of the VMM. */
  get mmapLock(): RwSem {
    return this.file.host.mmapLock;
  }

  /** mapping->invalidate_lock */
  get invalidateLock(): RwSem {
    return this.file.inode.invalidateLock;
  }

  /** kvm->mmu_lock */
  get mmuLock(): RwLock {
    return this.file.vm.mmuLock;
  }

  /** The regions that the scheme declared. */
  get declaredRegions(): readonly Region[] {
    return this.world.declaredRegions;
  }

  /** Every file of this one's inode, this one among them: whom an invalidation of the inode is for. */
  get views(): readonly Gmem[] {
    return this.file.inode.files.map((file) => (file === this.file ? this : this.with({ file })));
  }

  /** The kernel version whose steps the scheme takes, for `within`. */
  get version(): string {
    return this.scheme.version;
  }

  /** What the scheme's `declare` returned. */
  own<T>(): T {
    return this.world.declared as T;
  }

  /**
   * The same world seen otherwise: routines that get this view call its `arch` and `scheme`, and share every cell. For a
   * mutation, which changes what a routine calls and leaves the routine as it is. Through another `file` it is the cells
   * of that one which are seen.
   */
  with(changes: {
    readonly arch?: Arch;
    readonly scheme?: Scheme;
    readonly file?: File;
    readonly slot?: Slot | undefined;
    readonly inodePages?: readonly Gfn[];
    readonly found?: FoundSlot;
  }): Gmem {
    return Object.assign(Object.create(this) as Gmem, changes);
  }

  /** The SPTEs of one root. */
  sptes(isPrivate: boolean): RefCellArray {
    return isPrivate ? this.privateSptes : this.sharedSptes;
  }

  /** The orders of the leaves of one root, where folios may be large. */
  leaves(isPrivate: boolean): CellArray | undefined {
    return isPrivate ? this.file.vm.privateLeaves : this.file.vm.sharedLeaves;
  }

  /** folio_test_uptodate() */
  testUptodate(folio: Folio): Op<boolean> {
    return this.folios.at(folio).is('uptodate').named('folio_test_uptodate($i)');
  }

  /** folio_mark_uptodate() */
  markUptodate(folio: Folio): Op<void> {
    return this.folios.at(folio).send('MARK_UPTODATE').named('folio_mark_uptodate($i)');
  }

  /** PageHWPoison(), in worlds that have the part: the flag of the first page, where folios may be large. */
  testHwpoison(folio: Folio): Op<boolean> {
    const flags = this.large?.hwpoison;
    if (flags !== undefined) {
      const result = (value: number) => (value === 1 ? 1 : 0);
      return flags.at(folio).apply<boolean>('PageHWPoison($i)', 'boolean', { result });
    }
    return this.folios.at(folio).is('hwpoison').named('PageHWPoison($i)');
  }

  /** kvm_gmem_folio_no_direct_map(), in worlds that have the part. */
  testNoDirectMap(folio: Folio): Op<boolean> {
    return this.folios.at(folio).is('no-direct-map').named('kvm_gmem_folio_no_direct_map($i)');
  }

  /** clear_highpage(): a store by the host. */
  clearHighpage(folio: Folio): Op<void> {
    return this.folios.at(folio).send('CLEAR').named('clear_highpage($i)');
  }

  /** clear_highpage() through the host's direct mapping, which may be larger than the page. */
  *clearPage(page: Folio): Routine {
    yield* this.arch.hostStore(this, page, this.clearHighpage(page));
  }

  /** folio_lock() */
  lockFolio(folio: Folio): Op<void> {
    return this.folioLocks.at(folio).lock();
  }

  /** folio_unlock(). `isRemoved`: of a folio that has left the page cache, and has no mapping any more. */
  *unlockFolio(folio: Folio, isRemoved = false): Routine {
    yield* tracepoint('folio_unlock', folio, isRemoved);
    yield* this.folioLocks.at(folio).unlock();
  }

  /** Reads the attribute: whether the gfn is private. */
  *isPrivate(gfn: Gfn): Generator<Op<unknown>, boolean, unknown> {
    return yield* this.attributes
      .at(gfn)
      .apply<boolean>('% is private', 'boolean', { result: (value) => (value === PRIVATE ? 1 : 0) });
  }
}

notedRoutines(Gmem);
