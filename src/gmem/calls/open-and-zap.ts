/**
 * How a conversion or a hole opens its invalidation and zaps: where the guest loses what goes with a large leaf, leaves that reach
 * out of the range are split before anything is zapped, in an order that is the scheme's (K0 to K4 in docs/kernel.md). Imported by
 * schemes, variants and mutations.
 */

import type { Routine } from '../../core/ops/routine.js';
import type { Gmem } from '../gmem.js';
import type { Gfn } from '../scheme.js';
import { coversBlocks } from '../world/folio-ref.js';
import { attributesBegin, invalidateBegin, invalidateEnd, zapOpened } from './mmu.js';
import { bindingsOf } from './sept.js';

/** What is opened, and how. */
export interface Opening {
  /** The roots that are zapped: private (true) and shared (false). */
  readonly roots: readonly boolean[];
  /** What the invalidation is opened for, if that is more than what is zapped. */
  readonly opened?: readonly Gfn[];
  /** Whether the memory that a split takes was allocated before, so that none fails. */
  readonly isPrepared?: true;
  /** For VM attributes: one VM, one hold of mmu_lock, and what `opened` leaves out are the blocks at head and tail. */
  readonly begin?: 'attributes';
}

/** Opens an invalidation and zaps, for every VM that has the file: 0, or a negative errno with nothing open any more. */
export type OpenAndZap = (g: Gmem, gfns: readonly Gfn[], opening: Opening) => Routine<number>;

/** Begins, splits what reaches out of the range, for all, then zaps: V3d and T1. Where nothing is lost with a leaf, at once. */
export function* splitAllThenZap(g: Gmem, gfns: readonly Gfn[], opening: Opening): Routine<number> {
  if (!mayLose(g, gfns, opening)) return yield* zapAtOnce(g, gfns, opening);
  if (opening.begin !== undefined) return yield* openAttributes(g, gfns, opening, true);
  yield* openOnly(g, gfns, opening);
  for (const view of g.views) {
    const error = yield* view.arch.splitLeaves(view, gfns, opening.isPrepared === true);
    if (error !== 0) return yield* closed(g, gfns, opening, error);
  }
  for (const view of g.views) yield* zapOpened(view, gfns, opening.roots);
  return 0;
}

/** Zaps in the begin, and splits what is left: T2 as it was posted, on a base whose begin zaps (K1). */
export function* zapThenSplit(g: Gmem, gfns: readonly Gfn[], opening: Opening): Routine<number> {
  yield* zapAtOnce(g, gfns, opening);
  if (!mayLose(g, gfns, opening) || opening.begin !== undefined) return 0;
  for (const view of g.views) {
    const error = yield* view.arch.splitLeaves(view, gfns, opening.isPrepared === true);
    if (error !== 0) return yield* closed(g, gfns, opening, error);
  }
  return 0;
}

/** Splits and zaps one binding after the other (K4). */
export function* splitAndZapEach(g: Gmem, gfns: readonly Gfn[], opening: Opening): Routine<number> {
  if (!mayLose(g, gfns, opening)) return yield* zapAtOnce(g, gfns, opening);
  if (opening.begin !== undefined) return yield* openAttributes(g, gfns, opening, true);
  yield* openOnly(g, gfns, opening);
  for (const view of g.views) {
    for (const binding of bindingsOf(gfns)) {
      const error = yield* view.arch.splitLeaves(view, binding, opening.isPrepared === true);
      if (error !== 0) return yield* closed(g, gfns, opening, error);
      yield* zapOpened(view, binding, opening.roots);
    }
  }
  return 0;
}

/** Zaps whatever is mapped there, and splits nothing. */
export function* zapAtOnce(g: Gmem, gfns: readonly Gfn[], opening: Opening): Routine<number> {
  if (opening.begin !== undefined) return yield* openAttributes(g, gfns, opening, false);
  for (const view of g.views) yield* invalidateBegin(view, gfns, opening.roots, opening.opened);
  return 0;
}

/** Whether a zap may take pages from the guest that nobody asked for. */
function mayLose(g: Gmem, gfns: readonly Gfn[], { roots }: Opening): boolean {
  return mayLoseAccepted(g, gfns, roots);
}

/** The same of a zap of these roots. */
export function mayLoseAccepted(g: Gmem, gfns: readonly Gfn[], roots: readonly boolean[]): boolean {
  return g.arch.hasMirroredRoots && g.large !== undefined && roots.includes(true) && !coversBlocks(gfns);
}

function* openOnly(g: Gmem, gfns: readonly Gfn[], { roots, opened = gfns }: Opening): Routine {
  for (const view of g.views) yield* invalidateBegin(view, [], roots, opened);
}

/** The ioctl of VM attributes; a split that fails ends its invalidation. */
function* openAttributes(g: Gmem, gfns: readonly Gfn[], { roots, opened }: Opening, splits: boolean): Routine<number> {
  const error = yield* attributesBegin(g, gfns, roots, opened, splits);
  if (error !== 0) yield* invalidateEnd(g, gfns);
  return error;
}

function* closed(g: Gmem, gfns: readonly Gfn[], { opened = gfns }: Opening, error: number): Routine<number> {
  for (const view of g.views) yield* invalidateEnd(view, opened);
  return error;
}
