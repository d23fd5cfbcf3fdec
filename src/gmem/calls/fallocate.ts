/**
 * fallocate(2) on the file: punch hole and allocate (keys: docs/kernel.md). Imported by the registry.
 *
 * Left out: the checks of mode and range (-EOPNOTSUPP, -EINVAL), and signals (-EINTR).
 */

import { type Routine, tracepoint } from '../../core/ops/routine.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Gfn } from '../scheme.js';
import { callKind } from './call-kind.js';
import { getFolio, putFolio, truncateRange } from './filemap.js';
import { underExclusiveLock } from './get-pfn.js';
import { invalidateEnd } from './mmu.js';

/** fallocate(2) with FALLOC_FL_PUNCH_HOLE. */
export const punchHoleCall = callKind({
  name: 'punch-hole',
  by: 'host',
  through: 'descriptor',
  pages: 'range',
  takes: {},
  words: (gfns) => `punch hole ${gfns}`,
  routine:
    (g) =>
    (...gfns) =>
      punchHole(g, gfns),
});

/** fallocate(2) that allocates. */
export const allocateCall = callKind({
  name: 'allocate',
  by: 'host',
  through: 'descriptor',
  pages: 'range',
  takes: {},
  words: (gfns) => `allocate ${gfns}`,
  routine:
    (g) =>
    (...gfns) =>
      allocate(g, gfns),
});

/** fallocate(2) that punches a hole. */
export function* punchHole(g: Gmem, gfns: readonly Gfn[]): Routine<number> {
  return yield* fallocating(g, 'kvm_gmem_punch_hole', () => g.scheme.punchHole(g, gfns));
}

/** kvm_gmem_punch_hole(): invalidates, truncates, ends. Zaps both roots: without in-place conversion one is empty. */
export function* invalidateAndTruncate(g: Gmem, gfns: readonly Gfn[]): Routine<number> {
  return yield* underExclusiveLock(g, function* () {
    const error = yield* g.scheme.openAndZap(g, gfns, { roots: [true, false] });
    if (error !== 0) return error;
    for (const gfn of gfns) yield* g.scheme.invalidating(g, gfn);
    yield* truncateRange(g, gfns);
    for (const gfn of gfns) yield* g.scheme.indexTruncated(g, gfn);
    for (const view of g.views) yield* invalidateEnd(view, gfns);
    for (const gfn of gfns) yield* g.scheme.invalidated(g, gfn);
    return 0;
  });
}

/** kvm_gmem_allocate(): fills the page cache; clears nothing and calls no hook. */
export function* allocate(g: Gmem, gfns: readonly Gfn[]): Routine<number> {
  return yield* fallocating(g, 'kvm_gmem_allocate', function* () {
    yield* g.invalidateLock.downRead();
    let error = 0;
    for (const gfn of gfns) {
      const folio = yield* getFolio(g, gfn);
      if (typeof folio === 'number') {
        error = folio;
        break;
      }
      yield* g.unlockFolio(folio);
      yield* putFolio(g, folio);
    }
    yield* g.invalidateLock.upRead();
    return error;
  });
}

/** kvm_gmem_fallocate(), into which both are inlined. */
function* fallocating(g: Gmem, name: string, body: () => Routine<number>): Routine<number> {
  yield* tracepoint('kvm_gmem_fallocate');
  const error = yield* inFunction(name, g.version, body);
  yield* tracepoint('kvm_gmem_fallocate returns', error);
  return error;
}
