/**
 * What keeps RMPUPDATE from doing what it is asked for: a failure that the scenario lets happen, and a processor that runs on
 * the page. Used by snp.ts and snp-large.ts.
 */

import { choose } from '../../core/ops/choice.js';
import type { Routine } from '../../core/ops/routine.js';
import type { Gmem } from '../gmem.js';
import type { Folio } from '../scheme.js';

/** Whether RMPUPDATE is going to fail, where the scenario lets it: on the way to the guest, or back. */
export function* rmpupdateFails(g: Gmem, way: 'hookFails' | 'unassignFails'): Routine<boolean> {
  return g.scenario[way] === true && (yield* choose(2, 'RMPUPDATE fails', ['no', 'yes'])) === 1;
}

/** FAIL_INUSE: whether a processor runs on a page as a VMSA; no step in worlds without VMSA pages. */
export function* isRunOn(g: Gmem, page: Folio): Routine<boolean> {
  const { vmsaInUse } = g.world.frames;
  if (vmsaInUse === undefined) return false;
  const inUse = { result: (uses: number) => Number(uses > 0) };
  return yield* vmsaInUse.at(page).apply<boolean>('a processor runs on $i', 'boolean', inUse);
}
