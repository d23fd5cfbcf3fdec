/**
 * write(2) on the file ("KVM: guest_memfd: add generic population via write"; keys: docs/kernel.md): the kernel copies a
 * page in, under the folio lock and no invalidate lock. Imported by the registry and by schemes.
 *
 * Left out: the flag of the file, alignment and the file's end (-ENODEV, -EINVAL), copies that fault half-way (write_end
 * zeroes the rest, and marks the page uptodate all the same), and the inode's lock, which other writes alone would want.
 */

import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { EACCES, EFAULT, EINVAL, ENODEV, errnoText } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio, Gfn } from '../scheme.js';
import { orderOf } from '../world/folio-ref.js';
import { callKind } from './call-kind.js';
import { getFolio, putFolio } from './filemap.js';

/** pwrite(2) of a whole page. */
export const pwriteCall = callKind({
  name: 'pwrite',
  by: 'host',
  through: 'descriptor',
  pages: 'one',
  takes: {},
  words: (gfns) => `pwrite ${gfns}`,
  routine: (g) => (gfn) => genericPerformWrite(g, gfn),
});

/** generic_perform_write() for one page: 0 or a negative errno. */
export function* genericPerformWrite(g: Gmem, gfn: Gfn): Routine<number> {
  return yield* inFunction('generic_perform_write', g.version, function* () {
    // With VM attributes the file is private as a whole.
    if (g.scenario.conversion === 'vm-attributes') return -ENODEV;
    const folio = yield* inFunction(
      'kvm_gmem_write_begin',
      g.version,
      () => g.scheme.writeBegin(g, gfn),
      (begun) => errnoText(begun),
    );
    if (typeof folio === 'number') return folio;
    yield* copyIn(g, folio);
    yield* inFunction('kvm_gmem_write_end', g.version, () => writeEnd(g, folio));
    return 0;
  });
}

/**
 * kvm_gmem_write_begin(): the locked folio, with a reference and not cleared. That the memory is shared is asked once the
 * reference is there: from then on no conversion to private succeeds (-EAGAIN), and none that has counted before can have
 * the page assigned while the folio is locked. Which errno a private page gets is not known to us; a large folio is refused.
 */
export function* lockThenShared(g: Gmem, gfn: Gfn): Routine<Folio | number> {
  const folio = yield* getFolio(g, gfn);
  if (typeof folio === 'number') return folio;
  const error = orderOf(folio) > 0 ? -EFAULT : yield* refusal(g, folio, gfn);
  if (error === 0) return folio;
  yield* g.unlockFolio(folio);
  yield* putFolio(g, folio);
  return error;
}

function* refusal(g: Gmem, folio: Folio, gfn: Gfn): Routine<number> {
  if (yield* g.isPrivate(gfn)) return -EACCES;
  return (yield* g.scheme.copyRefused(g, folio)) ? -EINVAL : 0;
}

/** copy_folio_from_iter_atomic(): a store through the kernel's own mapping. */
function* copyIn(g: Gmem, folio: Folio): Routine {
  yield* atomic('copy_folio_from_iter_atomic($i)', function* () {
    if (g.parts.noDirectMap) yield* g.folios.at(folio).send('DIRECT_MAP_COPY');
    yield* g.arch.hostStore(g, folio, g.folios.at(folio).send('HOST_WRITE'));
  });
}

/** kvm_gmem_write_end(): the whole page was written, so nobody has to clear it any more. */
function* writeEnd(g: Gmem, folio: Folio): Routine {
  if (!(yield* g.testUptodate(folio))) yield* g.markUptodate(folio);
  yield* g.unlockFolio(folio);
  yield* putFolio(g, folio);
}
