/**
 * Removal of a folio from the direct map ("KVM: guest_memfd: Add flag to remove from direct map"; keys: docs/kernel.md): a
 * second preparedness, whose mark is a bit in folio->private. Imported by the schemes that do it.
 *
 * A large folio goes as a whole, by its 2M entry; what is done to one of its pages splits that entry first, which needs memory.
 *
 * All of it stands under the folio lock. When a folio leaves the page cache nothing of its inode can be read any more, since
 * folio->mapping is gone: the bit alone says what there is to restore. Left out: the flush of the kernel's TLBs (no access
 * goes through an entry that is gone) and arm64.
 */

import { choose } from '../../core/ops/choice.js';
import type { Op } from '../../core/ops/op.js';
import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { ENOMEM } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio } from '../scheme.js';
import { orderOf, pagesOf } from '../world/folio-ref.js';

/** The bit of a folio that is out of the direct map. */
const BIT = 'KVM_GMEM_FOLIO_NO_DIRECT_MAP';

/** set_direct_map_invalid_noflush(): takes the page out of the direct map. */
export function directMapInvalid(g: Gmem, folio: Folio): Op<void> {
  return g.folios.at(folio).send('ZAP_DIRECT_MAP').named('set_direct_map_invalid_noflush($i)');
}

/** The bit is stored. */
export function rememberNoDirectMap(g: Gmem, folio: Folio): Op<void> {
  return g.folios.at(folio).send('SET_NO_DIRECT_MAP').named(`folio->private |= ${BIT} ($i)`);
}

/** v4 to v7: the bit is stored by `&` into a word that is zero, so it is never set. */
export function forgetNoDirectMap(g: Gmem, folio: Folio): Op<void> {
  return g.folios.at(folio).send('CLEAR_NO_DIRECT_MAP').named(`folio->private &= ${BIT} ($i)`);
}

/**
 * kvm_gmem_folio_zap_direct_map(), for a folio that is locked and cleared: nothing if its bit says that it is out already.
 * `mark`: what it does to the bit once the page is out. 0, or -ENOMEM where a page table has to be split and cannot be.
 */
export function zapThenMark(mark: (g: Gmem, folio: Folio) => Op<void>) {
  return function* zap(g: Gmem, folio: Folio): Routine<number> {
    if (!g.parts.noDirectMap) return 0;
    return yield* inFunction('kvm_gmem_folio_zap_direct_map', g.version, function* () {
      if (yield* g.testNoDirectMap(folio)) return 0;
      if (orderOf(folio) === 0 && (yield* splitDirectMapFails(g, folio))) return -ENOMEM;
      yield* invalidatePages(g, folio);
      yield* mark(g, folio);
      return 0;
    });
  };
}

function* invalidatePages(g: Gmem, folio: Folio): Routine {
  if (orderOf(folio) === 0) return yield* directMapInvalid(g, folio);
  yield* atomic('set_direct_map_invalid_noflush($i, 2M)', function* () {
    for (const page of pagesOf(folio)) yield* directMapInvalid(g, page);
  });
}

/**
 * split_large_page(), before something is done to a page of a 2M entry: whether it fails. Where folios are of one page it is not
 * known which of them have been split before.
 */
export function* splitDirectMapFails(g: Gmem, page: Folio): Routine<boolean> {
  const isSplit = { result: (value: number) => (value === 1 ? 1 : 0) };
  const split = g.large?.directMapSplit?.at(page);
  if (split !== undefined && (yield* split.apply<boolean>('the direct mapping of $i is 4K', 'boolean', isSplit)))
    return false;
  if (g.scenario.allocationFails && (yield* choose(2, 'the split fails', ['no', 'yes'])) === 1) return true;
  if (split !== undefined) yield* split.write(1).named('split_large_page($i)');
  return false;
}

/**
 * kvm_gmem_folio_restore_direct_map(), in kvm_gmem_free_folio(). It cannot fail where the page table is split already, or where the
 * folio is all that its entry maps; else a failure is warned of, and the page stays out.
 */
export function* restoreIfMarked(g: Gmem, folio: Folio): Routine {
  if (!g.parts.noDirectMap) return;
  yield* inFunction('kvm_gmem_folio_restore_direct_map', g.version, function* () {
    if (!(yield* g.testNoDirectMap(folio))) return;
    if (g.large === undefined) return yield* restorePage(g, folio);
    if (orderOf(folio) === 0) return (yield* splitDirectMapFails(g, folio)) ? undefined : yield* restorePage(g, folio);
    yield* atomic('set_direct_map_default_noflush($i, 2M)', function* () {
      for (const page of pagesOf(folio)) yield* directMapDefault(g, page);
    });
    yield* forgetPageMark(g, folio);
  });
}

function directMapDefault(g: Gmem, page: Folio): Op<void> {
  return g.folios.at(page).send('RESTORE_DIRECT_MAP').named('set_direct_map_default_noflush($i)');
}

/** Puts one page back into the direct map, and clears its mark. */
export function* restorePage(g: Gmem, page: Folio): Routine {
  yield* directMapDefault(g, page);
  yield* forgetPageMark(g, page);
}

/** The bit is cleared. */
export function forgetPageMark(g: Gmem, page: Folio): Op<void> {
  return g.folios.at(page).send('CLEAR_NO_DIRECT_MAP').named(`folio->private &= ~${BIT} ($i)`);
}

/** Whether the kernel must not copy into a folio, because it is out of the direct map. */
export function* refusedIfMarked(g: Gmem, folio: Folio): Routine<boolean> {
  return g.parts.noDirectMap && (yield* g.testNoDirectMap(folio));
}
