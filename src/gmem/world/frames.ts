/**
 * Frames: the page frames, which all inodes take from, each with the folio that is in it. Declared by the world.
 */

import { folioMachineOf } from '../../../machines/folio-machine-of.js';
import type { CellArray } from '../../core/ops/cell.js';
import type { ObjectArray } from '../../core/ops/objects.js';
import type { Domain } from '../../core/ops/ref.js';
import type { Mutex } from '../../primitives/lock.js';
import { folioPartsOf, type Parts } from '../parts.js';
import { isLinked } from '../scenarios/files.js';
import type { Scenario } from '../scenarios/scenario.js';
import { LargeFolios } from './large-folios.js';
import { Pamt } from './pamt.js';
import type { PageArrays } from './parted.js';

const FOLIO_LOCK = { lock: 'folio_lock($i)', trylock: 'folio_trylock($i)', unlock: 'folio_unlock($i)' };

/** The page frames. */
export class Frames {
  /** One folio machine a frame. */
  readonly folios: ObjectArray;
  /** folio->_refcount */
  readonly refcounts: CellArray;
  readonly locks: Mutex;
  /** What there is once for each block of frames, where folios may be large. */
  readonly large: LargeFolios | undefined;
  /** mf_mutex: one failure of memory is handled at a time. In worlds that have the part. */
  readonly mfMutex: Mutex | undefined;

  /** Whether a processor runs on the page as a VMSA, so that RMPUPDATE fails; in worlds that have the part. */
  readonly vmsaInUse: CellArray | undefined;

  /** gfn - index, of the gfn that the RMP entry of an assigned page names. Where there is an RMP, and memslots. */
  readonly rmpShifts: CellArray | undefined;

  /** The ASID that the RMP entry of an assigned page names. Where there is an RMP, and VMs have an inode in common. */
  readonly rmpAsids: CellArray | undefined;
  /** Which guest had that ASID when the page was assigned, which the hardware does not know; where ASIDs are used again. */
  readonly rmpGuests: CellArray | undefined;
  /** What there is of each region of 2M, where TDs have a dynamic PAMT. */
  readonly pamt: Pamt | undefined;

  constructor(arrays: PageArrays, scenario: Scenario, parts: Parts) {
    const { frames, arch, maxOrder = 0, slots, files } = scenario;
    const machine = folioMachineOf(folioPartsOf(parts));
    this.folios = arrays.objects('folio', machine, frames, arch !== 'snp' ? { events: ['RMP_ABSENT'] } : {});
    this.refcounts = arrays.cells('folio->_refcount', frames);
    // A vCPU that loads its VMSA, or whose page has failed, takes the lock again and again while a punch or memory_failure() waits
    // for it, which gets it: the kernel hands it over to who has waited long enough (folio_wait_bit_common(), mm/filemap.c).
    this.locks = arrays.mutex('folio_lock', frames, FOLIO_LOCK, parts.vmsas || parts.poison);
    this.vmsaInUse = parts.vmsas ? arrays.cells('vmsa_in_use', frames) : undefined;
    this.rmpShifts = arch === 'snp' && slots !== undefined ? arrays.cells('rmp_shift', frames) : undefined;
    const namesGuests = arch === 'snp' && (isLinked(files) || parts.asids);
    this.rmpAsids = namesGuests ? arrays.cells('rmp_asid', frames) : undefined;
    this.rmpGuests = namesGuests && parts.asids ? arrays.cells('rmp_guest', frames) : undefined;
    this.large = maxOrder === 0 ? undefined : new LargeFolios(arrays, maxOrder, scenario, parts);
    this.pamt = parts.tdPage && scenario.dynamicPamt ? new Pamt(arrays.m, this.large) : undefined;
    this.mfMutex = parts.poison ? arrays.m.mutex('mf_mutex') : undefined;
  }

  /** What refs to folios refer to: frames, or blocks of them. */
  get domain(): Domain {
    return this.large?.blocks ?? this.folios;
  }
}
