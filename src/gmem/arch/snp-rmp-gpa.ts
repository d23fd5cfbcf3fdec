/**
 * The guest address that an RMP entry names: a page is the guest's at one gfn. At any other each access is #NPF with the RMP
 * bit, about which sev_handle_rmp_fault() does nothing once the entry is 4K (R54 in docs/kernel.md). Kept where there are
 * memslots, as the distance of that gfn from the page's index in the file; 0 for a page that is unassigned. Used
 * by snp.ts and by a variant.
 */

import { ModelError } from '../../core/errors.js';
import type { Op } from '../../core/ops/op.js';
import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import type { Gmem } from '../gmem.js';
import { shiftOf } from '../scenarios/slots.js';
import type { Folio, Gfn } from '../scheme.js';
import { slotOf } from '../world/shown.js';

/** The RMPUPDATE that assigns a page, for the gfn that the memslot of the call has for it. */
export function* assignPage(g: Gmem, page: Folio): Routine {
  const assign = g.folios.at(page).send('ASSIGN');
  const { rmpShifts } = g.world.frames;
  if (rmpShifts === undefined) return yield* assign.named('rmp_make_private($i)');
  const shift = shiftOfCall(g);
  yield* atomic(`rmp_make_private($i, ${gfnText(shift)})`, function* () {
    yield* assign;
    yield* rmpShifts.at(page).write(shift);
  });
}

/** The same of a page within a 2M entry, whose gfn is the first one of a block. A part of a section. */
export function* assignInEntry(g: Gmem, page: Folio): Routine {
  yield* g.folios.at(page).send('ASSIGN');
  const { rmpShifts } = g.world.frames;
  if (rmpShifts === undefined) return;
  const inBlock = g.large?.inBlock ?? 1;
  yield* rmpShifts.at(page).write(Math.floor(shiftOfCall(g) / inBlock) * inBlock);
}

/** The RMPUPDATE that takes a page back, after which its entry names no gfn. */
export function* unassignPage(g: Gmem, page: Folio, unassign: Op<void>): Routine {
  if (g.world.frames.rmpShifts === undefined) return yield* unassign;
  yield* atomic(unassign.spec.label, function* () {
    yield* unassign;
    yield* forgetGfn(g, page);
  });
}

/** The second half of that, where there are memslots: a part of a section. */
export function* forgetGfn(g: Gmem, page: Folio): Routine {
  const { rmpShifts } = g.world.frames;
  if (rmpShifts !== undefined) yield* rmpShifts.at(page).write(0);
}

/** At the map of a private page: the RMP gives it to the guest at this gfn. */
export function* isGivenHere(g: Gmem, gfn: Gfn, page: Folio): Routine {
  const { rmpShifts } = g.world.frames;
  const slot = slotOf(gfn);
  if (rmpShifts === undefined || slot === undefined) return;
  const shift = shiftOf(slot);
  yield* rmpShifts.at(page).apply<void>(`the RMP gives $i to the guest at ${gfnText(shift)}`, 'none', {
    violation: (named) => (named === shift ? undefined : ELSEWHERE),
  });
}

/** Whether a page is assigned, and for another gfn than this one. */
export function* isGivenElsewhere(g: Gmem, gfn: Gfn, page: Folio): Routine<boolean> {
  const { rmpShifts } = g.world.frames;
  const slot = slotOf(gfn);
  if (rmpShifts === undefined || slot === undefined) return false;
  return yield* atomic('snp_lookup_rmpentry($i)', function* () {
    if (!(yield* g.folios.at(page).is('assigned'))) return false;
    return yield* isOther(g, page, shiftOf(slot));
  });
}

function isOther(g: Gmem, page: Folio, shift: number): Op<boolean> {
  const result = (named: number) => (named === shift ? 0 : 1);
  return g.world.frames.rmpShifts!.at(page).apply<boolean>(`its gpa is not ${gfnText(shift)}`, 'boolean', { result });
}

const ELSEWHERE = {
  kind: 'unprepared-map',
  words:
    'the guest has a private mapping of a page that the RMP gives to it at another guest address: each access is a nested ' +
    'page fault with the RMP bit, about which the hypervisor does nothing, and the vCPU makes no progress',
} as const;

function shiftOfCall({ slot }: Gmem): number {
  if (slot !== undefined) return shiftOf(slot);
  throw new ModelError(
    'the hook assigns a page to a gfn, and a call about the file has none; g.with({ slot }) says which',
  );
}

/** `gfn = index + 4` */
function gfnText(shift: number): string {
  return shift === 0 ? 'gfn = index' : `gfn = index ${shift < 0 ? '-' : '+'} ${Math.abs(shift)}`;
}
