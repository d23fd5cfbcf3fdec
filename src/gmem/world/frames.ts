/**
 * Frames: the page frames, which all inodes take from, each with the folio that is in it. Declared by the world.
 */

import { folioMachine } from '../../../machines/folio.js';
import type { CellArray } from '../../core/ops/cell.js';
import type { ObjectArray } from '../../core/ops/objects.js';
import type { Domain } from '../../core/ops/ref.js';
import type { Mutex } from '../../primitives/lock.js';
import type { Scenario } from '../scenarios/scenario.js';
import { LargeFolios } from './large-folios.js';
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

  constructor(arrays: PageArrays, scenario: Scenario) {
    const { frames, arch, maxOrder = 0 } = scenario;
    this.folios = arrays.objects('folio', folioMachine, frames, arch === 'none' ? { events: ['RMP_ABSENT'] } : {});
    this.refcounts = arrays.cells('folio->_refcount', frames);
    this.locks = arrays.mutex('folio_lock', frames, FOLIO_LOCK);
    this.large = maxOrder === 0 ? undefined : new LargeFolios(arrays.m, maxOrder, scenario);
  }

  /** What refs to folios refer to: frames, or blocks of them. */
  get domain(): Domain {
    return this.large?.blocks ?? this.folios;
  }
}
