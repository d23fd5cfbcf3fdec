/**
 * Whose a page is by its RMP entry: an assigned page is one guest's, at one gfn. Any access of another guest, or at another gfn,
 * is #NPF with the RMP bit, about which sev_handle_rmp_fault() does nothing once the entry is 4K (R54 and R83 in
 * docs/kernel.md). The gfn is kept where there are memslots, as the distance of that gfn from the page's index in the file;
 * the ASID where VMs have an inode in common. Both are 0 for a page that is unassigned. Used by snp.ts and by variants.
 */

import { ModelError } from '../../core/errors.js';
import type { CellArray } from '../../core/ops/cell.js';
import { compute } from '../../core/ops/choice.js';
import type { Op } from '../../core/ops/op.js';
import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { rmpUpdated, snpIsEnabled } from '../calls/rmpopt.js';
import type { Gmem } from '../gmem.js';
import { shiftOf } from '../scenarios/slots.js';
import type { Folio, Gfn } from '../scheme.js';
import { slotOf } from '../world/shown.js';

/** The RMPUPDATE that assigns a page, to the guest of the call and for the gfn that its memslot has for the page. */
export function* assignPage(g: Gmem, page: Folio): Routine {
  const assign = g.folios.at(page).send('ASSIGN');
  const { rmpShifts, rmpAsids } = g.world.frames;
  const asid = g.file.vm.identity === undefined ? `ASID ${g.file.vm.asid}` : 'its ASID';
  const to = ['$i', ...(rmpShifts ? [gfnText(shiftOfCall(g))] : []), ...(rmpAsids ? [asid] : [])];
  const label = `rmp_make_private(${to.join(', ')})`;
  if (isPlain(g)) return yield* assign.named(label);
  yield* atomic(label, () => assigned(g, page, (shift) => shift));
}

/** Whether RMPUPDATE is a word of the frame and nothing more: entries name nobody, and nobody watches. */
function isPlain(g: Gmem): boolean {
  const { rmpShifts, rmpAsids } = g.world.frames;
  return rmpShifts === undefined && rmpAsids === undefined && !isWatched(g);
}

/** Whether something else is kept by RMPUPDATE, or it may be no instruction. */
function isWatched({ world }: Gmem): boolean {
  return world.rmpopt !== undefined || world.platform.snp !== undefined;
}

/** The same of a page within a 2M entry, whose gfn is the first one of a block. A part of a section. */
export function* assignInEntry(g: Gmem, page: Folio): Routine {
  const inBlock = g.large?.inBlock ?? 1;
  yield* assigned(g, page, (shift) => Math.floor(shift / inBlock) * inBlock);
}

function* assigned(g: Gmem, page: Folio, named: (shift: number) => number): Routine {
  yield* snpIsEnabled(g);
  yield* g.folios.at(page).send('ASSIGN');
  yield* rmpUpdated(g, page, 1);
  const { rmpShifts, rmpAsids } = g.world.frames;
  if (rmpShifts !== undefined) yield* rmpShifts.at(page).write(named(shiftOfCall(g)));
  if (rmpAsids !== undefined) yield* nameGuest(g, page, rmpAsids);
}

/** A part of a section. */
function* nameGuest(g: Gmem, page: Folio, rmpAsids: CellArray): Routine {
  const { asid, identity } = g.file.vm;
  const { rmpGuests } = g.world.frames;
  if (identity === undefined || rmpGuests === undefined) return yield* rmpAsids.at(page).write(asid);
  const copied = [identity.asid, identity.guest, rmpAsids.at(page), rmpGuests.at(page)];
  const copy = (values: number[]) => {
    [values[2], values[3]] = values;
  };
  yield* compute('the entry names the ASID', copied, copy, { writes: true });
}

/** The RMPUPDATE that takes a page back, after which its entry names nobody. */
export function* unassignPage(g: Gmem, page: Folio, unassign: Op<void>): Routine {
  if (isPlain(g)) return yield* unassign;
  yield* atomic(unassign.spec.label, function* () {
    yield* snpIsEnabled(g);
    const wasAssigned = !isWatched(g) || (yield* g.folios.at(page).is('assigned'));
    yield* unassign;
    if (wasAssigned) yield* rmpUpdated(g, page, -1);
    yield* forgetOwner(g, page);
  });
}

/** The second half of that, where entries name somebody: a part of a section. */
export function* forgetOwner(g: Gmem, page: Folio): Routine {
  const { rmpShifts, rmpAsids, rmpGuests } = g.world.frames;
  if (rmpShifts !== undefined) yield* rmpShifts.at(page).write(0);
  if (rmpAsids !== undefined) yield* rmpAsids.at(page).write(0);
  if (rmpGuests !== undefined) yield* rmpGuests.at(page).write(0);
}

/** At the map of a private page: the RMP gives it to this guest, at this gfn. */
export function* isGivenHere(g: Gmem, gfn: Gfn, page: Folio): Routine {
  const { rmpShifts, rmpAsids } = g.world.frames;
  const slot = slotOf(gfn);
  if (rmpShifts !== undefined && slot !== undefined) {
    const shift = shiftOf(slot);
    yield* rmpShifts.at(page).apply<void>(`the RMP gives $i to the guest at ${gfnText(shift)}`, 'none', {
      violation: (named) => (named === shift ? undefined : ELSEWHERE),
    });
  }
  if (rmpAsids === undefined) return;
  const asid = yield* ownAsid(g);
  yield* rmpAsids.at(page).apply<void>(`the RMP gives $i to ASID ${asid}`, 'none', {
    violation: (named) => (named === asid ? undefined : FOREIGN),
  });
  const { rmpGuests } = g.world.frames;
  if (rmpGuests === undefined) return;
  const guest = yield* g.file.vm.identity!.guest.read();
  yield* rmpGuests.at(page).apply<void>('the RMP gives $i to this guest', 'none', {
    violation: (named) => (named === guest ? undefined : FORMER),
  });
}

/** The ASID of the VM: of a guest that is running, so that it does not change. */
function* ownAsid({ file: { vm } }: Gmem): Routine<number> {
  return vm.identity === undefined ? vm.asid : yield* vm.identity.asid.read();
}

/** Whether a page is assigned, and for another gfn than this one. */
export function* isGivenElsewhere(g: Gmem, gfn: Gfn, page: Folio): Routine<boolean> {
  const { rmpShifts } = g.world.frames;
  const slot = slotOf(gfn);
  if (rmpShifts === undefined || slot === undefined) return false;
  return yield* atomic('snp_lookup_rmpentry($i)', function* () {
    if (!(yield* g.folios.at(page).is('assigned'))) return false;
    return yield* isOther(rmpShifts, page, shiftOf(slot), `its gpa is not ${gfnText(shiftOf(slot))}`);
  });
}

/** Whether a page is assigned, and to another guest than this one. */
export function* isGivenToOther(g: Gmem, page: Folio): Routine<boolean> {
  return yield* isGivenTo(g, page, (isOthers) => isOthers);
}

/** Whether a page is assigned, and to this guest. Where entries name none, an assigned page is taken for its own. */
export function* isGivenToThis(g: Gmem, page: Folio): Routine<boolean> {
  return yield* isGivenTo(g, page, (isOthers) => !isOthers);
}

function* isGivenTo(g: Gmem, page: Folio, isMeant: (isOthers: boolean) => boolean): Routine<boolean> {
  const { rmpAsids } = g.world.frames;
  return yield* atomic('snp_lookup_rmpentry($i)', function* () {
    if (!(yield* g.folios.at(page).is('assigned'))) return false;
    if (rmpAsids === undefined) return isMeant(false);
    const asid = yield* ownAsid(g);
    return isMeant(yield* isOther(rmpAsids, page, asid, `its ASID is not ${asid}`));
  });
}

function isOther(cells: CellArray, page: Folio, own: number, label: string): Op<boolean> {
  return cells.at(page).apply<boolean>(label, 'boolean', { result: (named) => (named === own ? 0 : 1) });
}

const NO_PROGRESS =
  'each access is a nested page fault with the RMP bit, about which the hypervisor does nothing, and the vCPU makes no progress';

const ELSEWHERE = {
  kind: 'unprepared-map',
  words: `the guest has a private mapping of a page that the RMP gives to it at another guest address: ${NO_PROGRESS}`,
} as const;

const FOREIGN = {
  kind: 'unprepared-map',
  words: `the guest has a private mapping of a page that the RMP gives to another guest: ${NO_PROGRESS}`,
} as const;

const FORMER = {
  kind: 'unprepared-map',
  words:
    'the guest has a private mapping of a page that the RMP gives to a guest that is gone and had the same ASID: the page was ' +
    'never prepared for this one, which has not validated it either',
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
