/**
 * Vm: what KVM keeps for one VM, a cell for each page of its file: no two memslots show the same one. Declared by the world.
 */

import { septMachine } from '../../../machines/sept.js';
import type { Cell, CellArray, RefCellArray } from '../../core/ops/cell.js';
import type { ObjectArray } from '../../core/ops/objects.js';
import type { ModelBuilder } from '../../model/model-builder.js';
import type { Mutex, RwSem } from '../../primitives/lock.js';
import type { RwLock } from '../../primitives/rwlock.js';
import type { Token } from '../../primitives/token.js';
import { NO_RANGE } from '../cell-values.js';
import type { Parts } from '../parts.js';
import type { Scenario } from '../scenarios/scenario.js';
import { declareGfnAttributes } from './attributes.js';
import { VmEnd } from './ends.js';
import type { Frames } from './frames.js';
import { GuestIdentity } from './guest-identity.js';
import { instanceNames } from './instance-names.js';
import { Memslots } from './memslots.js';
import type { PageArrays } from './parted.js';
import { SlotChanges } from './slot-changes.js';
import { TdState } from './td-state.js';
import { Vmsas } from './vmsas.js';

/** One VM. */
export class Vm {
  /** kvm->mem_attr_array, where conversion is by VM attributes. */
  readonly attributes: CellArray | undefined;
  readonly privateSptes: RefCellArray;
  readonly sharedSptes: RefCellArray;
  /** Where folios may be large: the order of the leaf that maps a block, of either root; 0 for SPTEs of one page. */
  readonly privateLeaves: CellArray | undefined;
  readonly sharedLeaves: CellArray | undefined;
  /** KVM_LPAGE_MIXED_FLAG, where folios may be large and conversion is by VM attributes: a block has both attributes. */
  readonly mixed: CellArray | undefined;
  /** KVM_LPAGE_GUEST_INHIBIT_FLAG of a TD where folios may be large: the guest has accepted less than the block. Never cleared. */
  readonly guestInhibit: CellArray | undefined;
  /** What flushes of TLBs are steps on, in worlds that have the part. */
  readonly tlbs: Cell | undefined;
  /** Whether ordinary memory is mapped at a gfn, in worlds that have the part. */
  readonly ordinarySptes: CellArray | undefined;
  /** How many vCPUs are within kvm_tdp_mmu_map(), in worlds that have the part. */
  readonly mappers: Cell | undefined;
  /** The memslot where it may change, in worlds that have the part. */
  readonly slotChanges: SlotChanges | undefined;
  /** The memslots where the VMM changes them, in worlds that have the part. */
  readonly memslots: Memslots | undefined;
  readonly invalidateSeq: Token;
  readonly invalidateInProgress: Cell;
  readonly rangeStart: Cell;
  readonly rangeEnd: Cell;
  readonly slotsLock: Mutex;
  readonly mmuLock: RwLock;
  /** The vCPUs with VMSA pages, in worlds that have the part. */
  readonly vmsas: Vmsas | undefined;

  /** The S-EPT of a TD, by gfns, in worlds that have the part. */
  readonly sept: ObjectArray | undefined;
  /** The ASID under which its guest runs on SEV-SNP, by which an RMP entry names it; where it has an identity, its first one. */
  readonly asid: number;
  /** As whom its vCPUs run, in worlds that have the part. */
  readonly identity: GuestIdentity | undefined;
  /** What its end is seen by, in worlds that have the part. */
  readonly end: VmEnd | undefined;
  /** kvm->vm_dead, where the TDX module may refuse what KVM asks for, or the TD may be given up. */
  readonly dead: Cell | undefined;
  /** Whether a TD has its key (HKID), in worlds that have the part. */
  readonly hkid: Cell | undefined;
  /** The mutexes of all vCPUs: who runs one is a reader, and who takes all of them the writer. In worlds in which somebody does. */
  readonly vcpuMutexes: RwSem | undefined;
  /** PAMT pages for splits of large leaves by tasks of the host, where there is a dynamic PAMT. */
  readonly splitCache: Cell | undefined;
  /** The mutex that keeps others from that cache, in schemes that have one. */
  readonly splitMutex: Mutex | undefined;

  /** How far a TD has come with its launch, in worlds that have the part. */
  readonly tdState: TdState | undefined;
  /** Which entries of the mirror of the S-EPT are frozen, where SEAMCALLs may be busy. */
  readonly frozen: CellArray | undefined;
  /** kvm_tdx->wait_for_sept_zap, likewise: whether vCPUs are held out of the guest. */
  readonly heldOut: Cell | undefined;

  /** @param start how many files it has at first, and whether its guest is there from the start */
  constructor(
    arrays: PageArrays,
    number: number,
    scenario: Scenario,
    parts: Parts,
    frames: Frames,
    { fileCount, hasGuest }: { readonly fileCount: number; readonly hasGuest: boolean },
  ) {
    const { domain, large } = frames;
    this.asid = number + 1;
    const named = instanceNames('vm', number);
    const { m } = arrays;
    this.identity = parts.asids ? new GuestIdentity(m, named, hasGuest ? this.asid : 0) : undefined;
    const { gfns, conversion } = scenario;
    this.attributes =
      conversion === 'vm-attributes' ? declareGfnAttributes(arrays, named('attributes'), scenario) : undefined;
    this.privateSptes = arrays.refs(named('private_spte'), gfns, domain);
    this.sharedSptes = arrays.refs(named('shared_spte'), gfns, domain);
    if (large !== undefined) {
      const blocks = gfns / large.inBlock;
      this.privateLeaves = m.cells(named('private_leaf_order'), blocks);
      this.sharedLeaves = m.cells(named('shared_leaf_order'), blocks);
      this.mixed = conversion === 'vm-attributes' ? declareMixed(m, named('lpage_mixed'), scenario, blocks) : undefined;
    }
    if (large !== undefined && parts.tdPage)
      this.guestInhibit = m.cells(named('lpage_guest_inhibit'), gfns / large.inBlock);
    this.tlbs = parts.flushes ? m.cell(named('tlbs')) : undefined;
    this.ordinarySptes = parts.ordinaryMemory ? m.cells(named('ordinary_spte'), gfns) : undefined;
    this.mappers = parts.mapsMeet ? m.cell(named('mappers')) : undefined;
    this.slotChanges = parts.slotChanges ? new SlotChanges(arrays, named, gfns, domain) : undefined;
    this.memslots = parts.memslots ? new Memslots(m, named, scenario, parts.zapsAllRoots) : undefined;
    this.invalidateSeq = m.token(named('mmu_invalidate_seq'));
    this.invalidateInProgress = m.cell(named('mmu_invalidate_in_progress'));
    this.rangeStart = m.cell(named('mmu_invalidate_range_start'), { initial: NO_RANGE });
    this.rangeEnd = m.cell(named('mmu_invalidate_range_end'), { initial: NO_RANGE });
    this.slotsLock = m.mutex(named('slots_lock'));
    // A vCPU that loads its VMSA takes it for read again and again while an invalidation is open; the kernel's lock queues.
    this.mmuLock = m.rwlock(named('mmu_lock'), { queued: false, ...(parts.vmsas && { fair: true }) });
    this.sept = parts.tdPage ? arrays.objects(named('sept'), septMachine, gfns, {}) : undefined;
    const hasKey = parts.hkid && parts.tdPage;
    this.dead = scenario.septRemoveFails === true || hasKey ? m.cell(named('vm_dead')) : undefined;
    this.end = parts.fileEnds ? new VmEnd(m, named, fileCount, parts.vmEnds) : undefined;
    if (parts.tdPage && scenario.septBusy === true) {
      this.frozen = arrays.cells(named('spte_frozen'), gfns);
      this.heldOut = m.cell(named('wait_for_sept_zap'));
    }
    this.tdState = parts.tdState ? new TdState(m, named) : undefined;
    this.hkid = hasKey ? m.cell(named('hkid'), { initial: 1 }) : undefined;
    this.vcpuMutexes = hasKey || parts.tdState ? m.rwsem(named('vcpu->mutex')) : undefined;
    const splits = large !== undefined && frames.pamt !== undefined;
    this.splitCache = splits ? m.cell(named('split_cache')) : undefined;
    this.splitMutex = splits ? m.mutex(named('split_mutex')) : undefined;
    this.vmsas = parts.vmsas ? new Vmsas(arrays, named, gfns, frames) : undefined;
  }
}

/** Declares which blocks have both attributes, as the scenario starts with them. */
function declareMixed(m: ModelBuilder, name: string, { gfns, attributes }: Scenario, blocks: number): CellArray {
  const cells = m.cells(name, blocks);
  for (let block = 0; block < blocks; block++) {
    const inBlock = gfns / blocks;
    const own = new Set(attributes.slice(block * inBlock, (block + 1) * inBlock));
    m.layout.setInitial(cells.region.base + block, own.size > 1 ? 1 : 0);
  }
  return cells;
}
