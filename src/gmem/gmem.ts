/**
 * Gmem: the objects of guest_memfd and KVM as cells; docs/kernel.md says what is left out. One VM, one inode, one file,
 * one memslot at gfn 0, order-0 folios. Calls and schemes are written against it; it holds no mutable state of its own.
 */

import { folioMachine } from '../../machines/folio.js';
import type { Bitmap, Cell, CellArray, RefCellArray } from '../core/ops/cell.js';
import type { Region } from '../core/ops/layout.js';
import type { ObjectArray } from '../core/ops/objects.js';
import type { Op } from '../core/ops/op.js';
import { type Routine, tracepoint } from '../core/ops/routine.js';
import type { NamedDomain } from '../core/program/program-builder.js';
import type { ModelBuilder } from '../model/model-builder.js';
import type { Mutex, RwSem } from '../primitives/lock.js';
import type { RwLock } from '../primitives/rwlock.js';
import type { Token } from '../primitives/token.js';
import type { Arch } from './arch/arch.js';
import { archNone } from './arch/none.js';
import { archSnp } from './arch/snp.js';
import { NO_RANGE, PRIVATE } from './cell-values.js';
import { type Parts, WRITTEN_WORLD } from './parts.js';
import type { Scenario } from './scenarios/scenario.js';
import type { Folio, Gfn, Scheme } from './scheme.js';

export type { Bitmap, Folio, Gfn };

const FOLIO_LOCK = { lock: 'folio_lock($i)', trylock: 'folio_trylock($i)', unlock: 'folio_unlock($i)' };

/** The world of one scenario under one scheme. */
export class Gmem {
  readonly gfns: NamedDomain;
  /** The page frames, one folio machine each. */
  readonly folios: ObjectArray;
  /** folio->_refcount */
  readonly refcounts: CellArray;
  readonly folioLocks: Mutex;
  /** The page cache: inode->i_mapping->i_pages. */
  readonly pages: RefCellArray;
  /** In-place: the inode's attribute tree. vm-attributes: kvm->mem_attr_array. */
  readonly attributes: CellArray;
  /** mapping->nrpages, in worlds that have the part. */
  readonly pageCount: Cell | undefined;
  readonly privateSptes: RefCellArray;
  readonly sharedSptes: RefCellArray;
  /** What flushes of TLBs are steps on, in worlds that have the part. */
  readonly tlbs: Cell | undefined;
  /** Whether ordinary memory is mapped at a gfn, in worlds that have the part. */
  readonly ordinarySptes: CellArray | undefined;
  /** How many vCPUs are within kvm_tdp_mmu_map(), in worlds that have the part. */
  readonly mappers: Cell | undefined;
  /** Page tables of the VMM: one PTE per index. */
  readonly userPtes: RefCellArray;
  /** The folio that `pin` pinned through the PTE of an index. */
  readonly pins: RefCellArray;
  readonly invalidateSeq: Token;
  readonly invalidateInProgress: Cell;
  readonly rangeStart: Cell;
  readonly rangeEnd: Cell;
  readonly slotsLock: Mutex;
  readonly mmapLock: RwSem;
  readonly invalidateLock: RwSem;
  readonly mmuLock: RwLock;
  readonly arch: Arch;
  private readonly declared: unknown;
  /** The regions that the scheme declared. */
  readonly declaredRegions: readonly Region[];

  constructor(
    m: ModelBuilder,
    readonly scenario: Scenario,
    readonly scheme: Scheme,
    /** Whether all of the scheme is this package's, and none of it comes from a user's file. */
    readonly isOurs = false,
    readonly parts: Parts = WRITTEN_WORLD,
  ) {
    const { gfns, frames, arch, attributes } = scenario;
    this.gfns = m.domain('gfn', gfns);
    this.folios = m.objects('folio', folioMachine, frames, arch === 'none' ? { events: ['RMP_ABSENT'] } : {});
    this.refcounts = m.cells('folio->_refcount', frames);
    this.folioLocks = m.mutex('folio_lock', { count: frames, labels: FOLIO_LOCK });
    this.pages = m.cells('i_pages', gfns, { refTo: this.folios });
    this.pageCount = parts.pageCount ? m.cell('nrpages') : undefined;
    this.attributes = m.cells('attributes', gfns);
    for (let gfn = 0; gfn < gfns; gfn++) {
      m.layout.setInitial(this.attributes.region.base + gfn, attributes[gfn] === 'private' ? PRIVATE : 0);
    }
    this.privateSptes = m.cells('private_spte', gfns, { refTo: this.folios });
    this.sharedSptes = m.cells('shared_spte', gfns, { refTo: this.folios });
    this.tlbs = parts.flushes ? m.cell('tlbs') : undefined;
    this.ordinarySptes = parts.ordinaryMemory ? m.cells('ordinary_spte', gfns) : undefined;
    this.mappers = parts.mapsMeet ? m.cell('mappers') : undefined;
    this.userPtes = m.cells('user_pte', gfns, { refTo: this.folios });
    this.pins = m.cells('gup_pin', gfns, { refTo: this.folios });
    this.invalidateSeq = m.token('mmu_invalidate_seq');
    this.invalidateInProgress = m.cell('mmu_invalidate_in_progress');
    this.rangeStart = m.cell('mmu_invalidate_range_start', { initial: NO_RANGE });
    this.rangeEnd = m.cell('mmu_invalidate_range_end', { initial: NO_RANGE });
    this.slotsLock = m.mutex('slots_lock');
    this.mmapLock = m.rwsem('mmap_lock');
    this.invalidateLock = m.rwsem('invalidate_lock');
    this.mmuLock = m.rwlock('mmu_lock', { queued: false });
    this.arch = arch === 'snp' ? archSnp : archNone;
    const { length } = m.layout.regions;
    this.declared = scheme.declare?.(m, scenario);
    this.declaredRegions = m.layout.regions.slice(length);
  }

  /** The kernel version whose steps the scheme takes, for `within`. */
  get version(): string {
    return this.scheme.version;
  }

  /** What the scheme's `declare` returned. */
  own<T>(): T {
    return this.declared as T;
  }

  /**
   * The same world seen otherwise: routines that get this view call its `arch` and `scheme`, and share every cell. For a
   * mutation, which changes what a routine calls and leaves the routine as it is.
   */
  with(changes: { readonly arch?: Arch; readonly scheme?: Scheme }): Gmem {
    return Object.assign(Object.create(this) as Gmem, changes);
  }

  /** The SPTEs of one root. */
  sptes(isPrivate: boolean): RefCellArray {
    return isPrivate ? this.privateSptes : this.sharedSptes;
  }

  /** folio_test_uptodate() */
  testUptodate(folio: Folio): Op<boolean> {
    return this.folios.at(folio).is('uptodate').named('folio_test_uptodate($i)');
  }

  /** folio_mark_uptodate() */
  markUptodate(folio: Folio): Op<void> {
    return this.folios.at(folio).send('MARK_UPTODATE').named('folio_mark_uptodate($i)');
  }

  /** clear_highpage(): a store by the host. */
  clearHighpage(folio: Folio): Op<void> {
    return this.folios.at(folio).send('CLEAR').named('clear_highpage($i)');
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
