/**
 * Frames: the page frames, which all inodes take from, each with the folio that is in it. Declared by the world.
 */

import { folioMachine } from '../../../machines/folio.js';
import type { CellArray } from '../../core/ops/cell.js';
import type { ObjectArray } from '../../core/ops/objects.js';
import type { ModelBuilder } from '../../model/model-builder.js';
import type { Mutex } from '../../primitives/lock.js';
import type { Scenario } from '../scenarios/scenario.js';

const FOLIO_LOCK = { lock: 'folio_lock($i)', trylock: 'folio_trylock($i)', unlock: 'folio_unlock($i)' };

/** The page frames. */
export class Frames {
  /** One folio machine a frame. */
  readonly folios: ObjectArray;
  /** folio->_refcount */
  readonly refcounts: CellArray;
  readonly locks: Mutex;

  constructor(m: ModelBuilder, { frames, arch }: Scenario) {
    this.folios = m.objects('folio', folioMachine, frames, arch === 'none' ? { events: ['RMP_ABSENT'] } : {});
    this.refcounts = m.cells('folio->_refcount', frames);
    this.locks = m.mutex('folio_lock', { count: frames, labels: FOLIO_LOCK });
  }
}
