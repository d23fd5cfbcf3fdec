/**
 * Attributes: which gfns are private, as the inode or the VM keeps it. Used by both.
 */

import type { CellArray } from '../../core/ops/cell.js';
import type { ModelBuilder } from '../../model/model-builder.js';
import { PRIVATE } from '../cell-values.js';
import type { Scenario } from '../scenarios/scenario.js';

/** Declares one attribute for each gfn, as the scenario starts with them. */
export function declareGfnAttributes(m: ModelBuilder, name: string, { gfns, attributes }: Scenario): CellArray {
  const cells = m.cells(name, gfns);
  for (let gfn = 0; gfn < gfns; gfn++) {
    m.layout.setInitial(cells.region.base + gfn, attributes[gfn] === 'private' ? PRIVATE : 0);
  }
  return cells;
}
