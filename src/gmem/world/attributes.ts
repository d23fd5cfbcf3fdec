/**
 * Attributes: which gfns are private, as the inode or the VM keeps it. Used by both.
 */

import type { CellArray } from '../../core/ops/cell.js';
import { PRIVATE } from '../cell-values.js';
import type { Scenario } from '../scenarios/scenario.js';
import { type PageArrays, regionsOf } from './parted.js';

/** Declares one attribute for each gfn, as the scenario starts with them. */
export function declareGfnAttributes(arrays: PageArrays, name: string, { gfns, attributes }: Scenario): CellArray {
  const cells = arrays.cells(name, gfns);
  const regions = regionsOf(cells);
  for (let gfn = 0; gfn < gfns; gfn++) {
    const word = regions[gfn % regions.length].base + Math.floor(gfn / regions.length);
    arrays.m.layout.setInitial(word, attributes[gfn] === 'private' ? PRIVATE : 0);
  }
  return cells;
}
