/**
 * What the handler of a userfaultfd does about the file: UFFDIO_COPY and UFFDIO_CONTINUE ("mm, kvm: allow uffd support in
 * guest_memfd", an RFC of 2026; mm/userfaultfd.c; keys: docs/kernel.md). Imported by the registry and by schemes.
 *
 * Neither takes the invalidate lock or asks for the attribute: a file may be registered if it began shared. Left out: the
 * events, so that a fault of the range does not wait for its handler; UFFDIO_ZEROPAGE, _POISON and _WAKE; the file's end; and
 * the lock of the VMA, which keeps munmap() off as mmap_lock does here.
 */

import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { EACCES, EEXIST, EFAULT, EINVAL, EIO, ENOMEM, errnoText } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio, Gfn } from '../scheme.js';
import { callKind } from './call-kind.js';
import { addFolio, addToLru, allocFolio, getEntry, isPoisoned, lockCached, putFolio } from './filemap.js';
import { underSharedLock } from './get-pfn.js';
import { finishFault } from './user-mapping.js';

/** UFFDIO_COPY of one page: a folio of the handler's bytes, where the file has none. */
export const uffdCopyCall = callKind({
  name: 'uffd-copy',
  by: 'host',
  pages: 'one',
  takes: {},
  words: (gfns) => `uffd copy ${gfns}`,
  needs: ['suppliedData'],
  routine: (g) => (gfn) => resolving(g, gfn, 'mfill_atomic_pte_copy', () => copyPage(g, gfn)),
});

/** UFFDIO_CONTINUE of one page: maps the folio that the file has. */
export const uffdContinueCall = callKind({
  name: 'uffd-continue',
  by: 'host',
  pages: 'one',
  takes: {},
  words: (gfns) => `uffd continue ${gfns}`,
  routine: (g) => (gfn) => resolving(g, gfn, 'mfill_atomic_pte_continue', () => continuePage(g, gfn)),
});

/** mfill_atomic(): mmap_lock around one page, which the scheme may have under a lock of its own. 0 or a negative errno. */
function* resolving(g: Gmem, gfn: Gfn, name: string, resolve: () => Routine<number>): Routine<number> {
  // vm_uffd_ops->can_userfault() has refused the registration of a file that did not begin shared.
  if (g.scenario.conversion === 'vm-attributes') return -EINVAL;
  // As of HugeTLB's memory, which the RFC leaves out, and of pages without a direct map, of which no tree has both.
  if (g.large !== undefined || g.parts.noDirectMap) return -EINVAL;
  return yield* inFunction('mfill_atomic', g.version, function* () {
    yield* g.mmapLock.downRead();
    const error = yield* inFunction(name, g.version, () => g.scheme.resolveUserfault(g, gfn, resolve), errnoText);
    yield* g.mmapLock.upRead();
    return error;
  });
}

/** The shared invalidate lock around it, and the attribute under that: what a user fault of in-place conversion does. */
export function* resolveUnderLock(g: Gmem, gfn: Gfn, resolve: () => Routine<number>): Routine<number> {
  return yield* underSharedLock(g, function* () {
    return (yield* g.isPrivate(gfn)) ? -EACCES : yield* resolve();
  });
}

/** The folio is filled and marked before anybody can find it; kvm_gmem_filemap_add() says whether it was the first. */
function* copyPage(g: Gmem, gfn: Gfn): Routine<number> {
  const folio = yield* allocFolio(g, gfn);
  if (folio === null) return -ENOMEM;
  yield* atomic('copy_from_user($i)', function* () {
    yield* g.arch.hostStore(g, folio, g.folios.at(folio).send('HOST_WRITE'));
    yield* g.folios.at(folio).send('SUPPLY');
  });
  yield* g.scheme.userfaultCopied(g, folio);
  if (!(yield* addFolio(g, gfn, folio))) {
    yield* putFolio(g, folio);
    return -EEXIST;
  }
  yield* addToLru(g, gfn, folio);
  return yield* installed(g, gfn, folio);
}

/** kvm_gmem_get_folio_noalloc(), then the PTE. */
function* continuePage(g: Gmem, gfn: Gfn): Routine<number> {
  const folio = yield* g.scheme.folioToContinue(g, gfn);
  if (typeof folio === 'number') return folio;
  if (!(yield* isPoisoned(g, folio))) return yield* installed(g, gfn, folio);
  yield* g.unlockFolio(folio);
  yield* putFolio(g, folio);
  return -EIO;
}

/** vm_uffd_ops->get_folio_noalloc(): the folio of an index, locked and with a reference, cleared or not; or -EFAULT. */
export function* folioPresent(g: Gmem, gfn: Gfn): Routine<Folio | number> {
  return yield* inFunction(
    'kvm_gmem_get_folio_noalloc',
    g.version,
    function* () {
      const folio = yield* getEntry(g, gfn);
      return folio !== null && (yield* lockCached(g, folio)) ? folio : -EFAULT;
    },
    errnoText,
  );
}

/** mfill_atomic_install_pte() of a locked folio, to whose PTE the reference goes; without one it is given back. */
function* installed(g: Gmem, gfn: Gfn, folio: Folio): Routine<number> {
  const isInstalled = yield* finishFault(g, gfn, folio, 'mfill_atomic_install_pte($i)');
  yield* g.unlockFolio(folio);
  if (!isInstalled) yield* putFolio(g, folio);
  return isInstalled ? 0 : -EEXIST;
}
