/**
 * Rmpopt: the bit that a processor keeps for each GB of memory, which RMPOPT sets where no page of it is assigned and which spares
 * it the lookups in the RMP; and the work of the kernel that sets it again. Some frames stand for a GB. Declared by the world, where
 * the scenario says of how many.
 */

import type { Cell, CellArray } from '../../core/ops/cell.js';
import type { ModelBuilder } from '../../model/model-builder.js';
import type { Mutex } from '../../primitives/lock.js';
import type { Optimizing } from '../calls/rmpopt.js';

/** Values of `timer`: no work is pending; it is, and its delay runs; the delay is over. */
export const IDLE = 0;
export const DELAYED = 1;
export const DUE = 2;

/** The work that scans all memory, where the scheme has one. */
export interface ScanWork {
  /** rmpopt_wq_mutex */
  readonly mutex: Mutex;
  /** Whether there is a work queue, and RMPOPT is configured. */
  readonly configured: Cell;
  readonly timer: Cell;
  readonly running: Cell;
  /** How many files are in their __fput(). Their pages are all unassigned before a delay of seconds is over. */
  readonly ending: Cell;
}

/** What a scheme counts that acts when a GB is free. */
export interface FreeCounts {
  /** Pages of each GB that no file has: of all inodes together, or those that each has given back. */
  readonly pages: readonly CellArray[];
  /** Whether a GB was acted on, where that is remembered. */
  readonly acted: CellArray | undefined;
}

/** The bits and what becomes of them. */
export class Rmpopt {
  /** By GBs: whether no lookup is made. */
  readonly bits: CellArray;
  /** By GBs: how many pages the RMP gives to guests. */
  readonly assigned: CellArray;
  /** How many there are. */
  readonly count: number;
  readonly work: ScanWork | undefined;
  readonly counts: FreeCounts | undefined;

  constructor(
    m: ModelBuilder,
    /** Frames in a GB; the last one may have fewer. */
    readonly inGb: number,
    frames: number,
    inodes: number,
    { request, counts }: Optimizing,
  ) {
    this.count = Math.ceil(frames / inGb);
    this.bits = m.cells('rmpopt', this.count, { initial: 1 });
    this.assigned = m.cells('rmp_assigned', this.count);
    this.work =
      request === undefined || request === 'none: scans at once'
        ? undefined
        : {
            mutex: m.mutex('rmpopt_wq_mutex'),
            configured: m.cell('rmpopt_wq', { initial: 1 }),
            timer: m.cell('rmpopt_work.timer'),
            running: m.cell('rmpopt_work.running'),
            ending: m.cell('files_in_fput'),
          };
    this.counts = counts === undefined ? undefined : this.#counts(m, counts, inodes, frames);
  }

  /** How many frames a GB has. */
  framesOf(gb: number, frames: number): number {
    return Math.min(this.inGb, frames - gb * this.inGb);
  }

  #counts(m: ModelBuilder, kind: NonNullable<Optimizing['counts']>, inodes: number, frames: number): FreeCounts {
    if (kind === 'by inode') {
      const pages = Array.from({ length: inodes }, (_, inode) => m.cells(`inode${inode}.freed`, this.count));
      return { pages, acted: undefined };
    }
    const free = m.cells('gb_free', this.count);
    for (let gb = 0; gb < this.count; gb++) m.layout.setInitial(free.region.base + gb, this.framesOf(gb, frames));
    return { pages: [free], acted: kind === 'by range, acted once' ? m.cells('gb_acted', this.count) : undefined };
  }
}
