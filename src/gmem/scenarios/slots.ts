/**
 * Memslots as plain data: which gfn shows which page of the file, by number. What routines know of them is in
 * world/shown.ts. Imported by scenarios and by what makes a model of one.
 */

import type { Slot } from './scenario.js';

/** The memslot of a gfn. */
export function slotAt(slots: readonly Slot[], gfn: number): Slot | undefined {
  return slots.find((slot) => gfn >= slot.gfn && gfn < slot.gfn + slot.pages);
}

/** The memslot that shows a page of the file: one at most, for no two of a file overlap. */
export function slotShowing(slots: readonly Slot[], page: number): Slot | undefined {
  return slots.find(({ index, pages }) => page >= index && page < index + pages);
}

/** gfn - index, which is the same for all pages of a slot. */
export function shiftOf({ gfn, index }: Slot): number {
  return gfn - index;
}
