/**
 * Shown pages: which memslot shows a page of the file to the guest, and at which gfn. No two overlap, so a ref to a
 * page says it, as it says which page of a block is meant; whether the slot is there, memslots.ts knows; in a world without slots every page is shown at the gfn of its own
 * number. Imported by calls, architectures and schemes.
 */

import { type PartOf, PartRef, type Ref } from '../../core/ops/ref.js';
import type { Slot } from '../scenarios/scenario.js';
import { shiftOf } from '../scenarios/slots.js';

/** A page of a block of the file where there are slots. */
interface ShownPart extends PartOf {
  /** For each place in the block: the slot that shows the page there. */
  readonly shown: readonly (Slot | undefined)[];
}

/** A ref to a page of the file, given the slots that show the pages of its block. */
export function shownRef(block: Ref, place: number, shown: readonly (Slot | undefined)[]): PartRef {
  const part: ShownPart = { name: 'index', place, of: shown.length, shown };
  return new PartRef(block, part);
}

function slotsAround(gfn: Ref): ShownPart['shown'] | undefined {
  return gfn instanceof PartRef ? (gfn.part as Partial<ShownPart>).shown : undefined;
}

/** The slot that shows a page; undefined for one that none shows, and in worlds without slots. */
export function slotOf(gfn: Ref): Slot | undefined {
  return slotsAround(gfn)?.[(gfn as PartRef).part.place];
}

/** Whether the guest has a gfn for a page. */
export function isShown(gfn: Ref): boolean {
  return slotsAround(gfn) === undefined || slotOf(gfn) !== undefined;
}

/** Whether one slot shows the whole block of a page, and in a block of gfns: else nothing larger than a page may be mapped. */
export function fillsBlock(gfn: Ref): boolean {
  const shown = slotsAround(gfn);
  if (shown === undefined) return true;
  const own = slotOf(gfn);
  return own !== undefined && shiftOf(own) % shown.length === 0 && shown.every((slot) => slot === own);
}

/** The pages of a folio that the slot of one of them shows: all of them where there are no slots. */
export function shownWith(gfn: Ref, gfns: readonly Ref[]): readonly Ref[] {
  return gfns.filter((each) => slotOf(each) === slotOf(gfn));
}

/** The number of the gfn that shows a page, given what the register of the ref holds. */
export function gfnNumberOf(gfn: Ref): (held: number) => number {
  if (!(gfn instanceof PartRef)) return (held) => held - 1;
  const { of, place } = gfn.part;
  const slot = slotOf(gfn);
  const shift = slot === undefined ? 0 : shiftOf(slot);
  return (held) => (held - 1) * of + place + shift;
}
