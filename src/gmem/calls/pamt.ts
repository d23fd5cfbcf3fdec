/**
 * tdx_pamt_get() and tdx_pamt_put() (arch/x86/virt/vmx/tdx/tdx.c of the dynamic PAMT series; DP in docs/kernel.md): each page of 4K
 * that a TD has counts for its region of 2M, whose PAMT is added for the first and removed behind the last. Imported by the map and
 * by what zaps, by schemes and variants. Nothing of it in worlds without a dynamic PAMT.
 *
 * Left out: the two pages that the PAMT takes, which come from a cache and are given back when somebody else has added it, and control
 * pages and page tables of the S-EPT, which count for their regions as well.
 */

import type { Cell } from '../../core/ops/cell.js';
import { choose } from '../../core/ops/choice.js';
import type { Op } from '../../core/ops/op.js';
import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio, Gfn } from '../scheme.js';
import { pageIn } from './folio-blocks.js';

/** tdx_pamt_get() that takes every refusal of PAMT.ADD for an error. */
export function* getPamt(g: Gmem, page: Folio): Routine {
  yield* gotten(g, page, () => addPamt(g, page));
}

/** The same where the count of a PAMT that is still there may be none: PAMT.ADD answers that the range is not free. */
export function* getPamtOrNotFree(g: Gmem, page: Folio): Routine {
  yield* gotten(g, page, () => addUnlessThere(g, page));
}

function* gotten(g: Gmem, page: Folio, add: () => Routine): Routine {
  yield* inFunction('tdx_pamt_get', g.version, function* () {
    const { lock } = g.pamt!;
    const count = countOf(g, page);
    const inc = { next: (value: number) => (value > 0 ? value + 1 : 0), result: (value: number) => Number(value > 0) };
    if (yield* count.apply<boolean>('atomic_inc_not_zero(%)', 'boolean', inc)) return;
    yield* lock.lock();
    if (yield* isCounted(g, page)) yield* count.add(1);
    else yield* add();
    yield* lock.unlock();
  });
}

function* addPamt(g: Gmem, page: Folio): Routine {
  yield* regionOf(g, page).send('ADD').named('TDH.PHYMEM.PAMT.ADD()');
  yield* countOf(g, page).write(1);
}

function* addUnlessThere(g: Gmem, page: Folio): Routine {
  const region = regionOf(g, page);
  function* add(): Routine<boolean> {
    if (yield* region.is('present')) return false;
    yield* region.send('ADD');
    return true;
  }
  const isAdded = yield* atomic('TDH.PHYMEM.PAMT.ADD()', add, (isNew) => (isNew ? undefined : 'HPA_RANGE_NOT_FREE'));
  yield* isAdded ? countOf(g, page).write(1) : countOf(g, page).add(1);
}

/** tdx_pamt_put() of v6: the last reference goes under pamt_lock. */
export function* putPamtWithLock(g: Gmem, page: Folio): Routine {
  yield* inFunction('tdx_pamt_put', g.version, function* () {
    const { lock } = g.pamt!;
    const unlessLast = {
      next: (value: number) => (value > 1 ? value - 1 : value),
      result: (value: number) => Number(value > 1),
    };
    if (yield* countOf(g, page).apply<boolean>('atomic_add_unless(%, -1, 1)', 'boolean', unlessLast)) return;
    yield* lock.lock();
    if (yield* decAndTest(g, page)) yield* removePamt(g, page);
    yield* lock.unlock();
  });
}

/** tdx_pamt_put() of v3: the last reference goes before pamt_lock is taken, under which it looks again. */
export function* putPamtThenLock(g: Gmem, page: Folio): Routine {
  yield* inFunction('tdx_pamt_put', g.version, function* () {
    const { lock } = g.pamt!;
    if (!(yield* decAndTest(g, page))) return;
    yield* lock.lock();
    if (!(yield* isCounted(g, page))) yield* removePamt(g, page);
    yield* lock.unlock();
  });
}

/** PAMT.REMOVE; where it fails, the count is one again. */
function* removePamt(g: Gmem, page: Folio): Routine {
  const fails =
    g.scenario.pamtRemoveFails === true && (yield* choose(2, 'TDH.PHYMEM.PAMT.REMOVE fails', ['no', 'yes'])) === 1;
  if (!fails && (yield* removeUnused(g, page))) return;
  yield* restoreCount(g, page);
}

function* removeUnused(g: Gmem, page: Folio): Routine<boolean> {
  function* remove(): Routine<boolean> {
    const isUnused = { result: (pages: number) => Number(pages === 0) };
    if (!(yield* regionOf(g, page).is('present'))) return false;
    if (!(yield* g.pamt!.pages.at(g.pamt!.at(page)).apply<boolean>('% == 0', 'boolean', isUnused))) return false;
    yield* regionOf(g, page).send('REMOVE');
    return true;
  }
  return yield* atomic('TDH.PHYMEM.PAMT.REMOVE()', remove, (isDone) => (isDone ? undefined : 'an error'));
}

/** What a put does about a PAMT that was not removed. */
export function restoreCount(g: Gmem, page: Folio): Op<void> {
  return countOf(g, page).write(1);
}

/** atomic_read() of the count, under pamt_lock. */
export function isCounted(g: Gmem, page: Folio): Op<boolean> {
  return countOf(g, page).apply<boolean>('atomic_read(%) > 0', 'boolean', { result: (value) => Number(value > 0) });
}

function decAndTest(g: Gmem, page: Folio): Op<boolean> {
  const dec = { next: (value: number) => value - 1, result: (value: number) => Number(value === 1) };
  return countOf(g, page).apply<boolean>('atomic_dec_and_test(%)', 'boolean', dec);
}

function countOf({ pamt }: Gmem, page: Folio): Cell {
  return pamt!.refcounts.at(pamt!.at(page));
}

function regionOf({ pamt }: Gmem, page: Folio) {
  return pamt!.regions.at(pamt!.at(page));
}

/** A TD gets a page of 4K. A part of the section in which it does. */
export function* usePamt(g: Gmem, page: Folio): Routine {
  if (g.pamt === undefined) return;
  yield* regionOf(g, page).send('USE');
  yield* g.pamt.pages.at(g.pamt.at(page)).add(1);
}

/** A TD gives one back. A part of the section in which it does. */
export function* unusePamt(g: Gmem, page: Folio): Routine {
  if (g.pamt !== undefined) yield* g.pamt.pages.at(g.pamt.at(page)).add(-1);
}

/**
 * The frame that a page gives back which is about to be removed, if it counts for a PAMT: a page of a leaf of 4K. A part of the
 * section in which it goes.
 *
 * @param pages of the leaf that it is in
 */
export function* countedFrame(g: Gmem, gfn: Gfn, pages: number): Routine<Folio | null> {
  if (g.pamt === undefined || pages > 1) return null;
  const frame = pageIn(g, gfn, yield* g.privateSptes.at(gfn).read());
  if (frame !== null) yield* unusePamt(g, frame);
  return frame;
}

/** A leaf of 2M, which needs no PAMT, becomes leaves of 4K: DEMOTE is handed the pages for it, and all count at once. */
export function* addForDemoted(g: Gmem, page: Folio): Routine {
  const pages = g.large!.inBlock;
  yield* regionOf(g, page).send('ADD');
  yield* countOf(g, page).write(pages);
  yield* g.pamt!.pages.at(g.pamt!.at(page)).write(pages);
}

/** What DEMOTE is handed, behind BLOCK and TRACK. A part of the section of a split. */
export function* takePage(g: Gmem): Routine {
  const words =
    'the cache has no page for the PAMT when the leaf is to be split, which is blocked already: -EIO, and KVM marks the VM as dead';
  yield* g.file.vm.splitCache!.apply<void>('a page of the split cache', 'none', {
    next: (pages) => pages - 1,
    violation: (pages) => (pages > 0 ? undefined : { kind: 'vm-dead', words }),
  });
}
