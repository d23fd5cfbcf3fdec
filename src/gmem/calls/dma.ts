/**
 * A device and the file: iommufd maps pages of it, and the device reads and writes them ("iommufd: Allow mapping from KVM's
 * guest_memfd", 2026-02-25; keys: docs/kernel.md). Imported by the registry and by schemes.
 *
 * As it was posted (U0) iommufd asks guest_memfd for bare page frames: no reference is kept, nothing is cleared, no attribute is asked,
 * no hook is called, and nobody tells iommufd of a hole or a conversion. What comes of an access through such a mapping is for the
 * architecture to say (`refusesDma`).
 *
 * A walk of the IO page table and the access are one step, and so is what the device has in its IOTLB, until that is flushed. Left out:
 * ranges that are mapped twice at different addresses, IOPTEs that are larger than a page, and devices that hold what they read.
 */

import { ModelError } from '../../core/errors.js';
import { here, type Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { EACCES, EEXIST, EFAULT, ENOENT, RET_PF_RETRY } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio, Gfn } from '../scheme.js';
import type { Iommu } from '../world/iommu.js';
import { callKind } from './call-kind.js';
import { getFolio, putFolio } from './filemap.js';

/** IOMMU_IOAS_MAP_FILE of pages of the file. */
export const dmaMapCall = callKind({
  name: 'dma-map',
  by: 'host',
  pages: 'range',
  takes: {},
  needs: ['devices'],
  words: (gfns) => `dma map ${gfns}`,
  routine:
    (g) =>
    (...gfns) =>
      dmaMap(g, gfns),
});

/** IOMMU_IOAS_UNMAP of them. */
export const dmaUnmapCall = callKind({
  name: 'dma-unmap',
  by: 'host',
  pages: 'range',
  takes: {},
  needs: ['devices'],
  words: (gfns) => `dma unmap ${gfns}`,
  routine:
    (g) =>
    (...gfns) =>
      dmaUnmap(g, gfns),
});

/** A read by the device. */
export const dmaReadCall = callKind({
  name: 'dma-read',
  by: 'host',
  pages: 'one',
  takes: {},
  needs: ['devices'],
  words: (gfns) => `dma read ${gfns}`,
  routine: (g) => (gfn) => dma(g, 'DMA_READ', gfn),
});

/** And a write. */
export const dmaWriteCall = callKind({
  name: 'dma-write',
  by: 'host',
  pages: 'one',
  takes: {},
  needs: ['devices'],
  words: (gfns) => `dma write ${gfns}`,
  routine: (g) => (gfn) => dma(g, 'DMA_WRITE', gfn),
});

/** The device of a world; the calls of this file say that they need it. */
export function iommuOf({ iommu }: Gmem): Iommu {
  if (iommu === undefined) throw new ModelError('a world without devices has no IO page table');
  return iommu;
}

/** iopt_map_file_pages(): maps page after page, and none if one of them fails. 0 or a negative errno. */
export function* dmaMap(g: Gmem, gfns: readonly Gfn[]): Routine<number> {
  return yield* inFunction('iopt_map_file_pages', g.version, function* () {
    for (const [at, gfn] of gfns.entries()) {
      const error = yield* g.scheme.deviceMap(g, gfn);
      if (error === 0) continue;
      for (const before of gfns.slice(0, at)) yield* g.scheme.deviceUnmap(g, before);
      return error;
    }
    return 0;
  });
}

/** iopt_unmap_iova(): 0, or -ENOENT where nothing of the range was mapped. */
export function* dmaUnmap(g: Gmem, gfns: readonly Gfn[]): Routine<number> {
  return yield* inFunction('iopt_unmap_iova', g.version, function* () {
    let error = -ENOENT;
    for (const gfn of gfns) if ((yield* g.scheme.deviceUnmap(g, gfn)) === 0) error = 0;
    return error;
  });
}

/** An access of the device. 0; -EFAULT without a translation; -EACCES where the architecture keeps it out. */
export function* dma(g: Gmem, event: 'DMA_READ' | 'DMA_WRITE', gfn: Gfn): Routine<number> {
  const what = `DMA ${event === 'DMA_READ' ? 'read' : 'write'} $i`;
  const again = yield* here();
  const first = yield* access(g, event, what, gfn);
  if (first !== 'no translation') return resultOf(first);
  const result = yield* g.scheme.deviceFault(g, gfn);
  if (result < 0) return result;
  // As with guest accesses: only what has to ask again goes round the loop.
  const second = result === RET_PF_RETRY ? 'no translation' : yield* access(g, event, what, gfn);
  return second === 'no translation' ? yield* again() : resultOf(second);
}

/** What became of an access. */
type Access = 'done' | 'no translation' | 'refused';

function resultOf(access: Access): number {
  return access === 'done' ? 0 : -EACCES;
}

function* access(g: Gmem, event: 'DMA_READ' | 'DMA_WRITE', label: string, gfn: Gfn): Routine<Access> {
  const { ioptes, iotlb } = iommuOf(g);
  function* attempt(): Routine<Access> {
    const known = yield* iotlb.at(gfn).read();
    const page = known ?? (yield* ioptes.at(gfn).read());
    if (page === null) return 'no translation';
    if (known === null) yield* iotlb.at(gfn).write(page);
    if (yield* g.arch.refusesDma(g, page)) return 'refused';
    if (!(yield* isOfDevice(g, gfn, page))) yield* g.folios.at(page).send('DMA_STALE');
    yield* g.folios.at(page).send(event);
    return 'done';
  }
  return yield* atomic(label, attempt, (result) => (result === 'done' ? undefined : result));
}

/** Whether the device may use a frame: it is the file's page there, or its mapping holds a reference. */
function* isOfDevice(g: Gmem, gfn: Gfn, page: Folio): Routine<boolean> {
  return (yield* g.pages.at(gfn).equals(page)) || (yield* iommuOf(g).pins.at(gfn).equals(page));
}

/** kvm_gmemfd_get_pfn(): the folio at an index, with a reference that the caller keeps or without; or a negative errno. */
function* getPfn(g: Gmem, gfn: Gfn, keeps: boolean): Routine<Folio | number> {
  return yield* inFunction('kvm_gmemfd_get_pfn', g.version, function* () {
    const found = yield* getFolio(g, gfn);
    if (typeof found === 'number') return found;
    if (!keeps) yield* putFolio(g, found);
    yield* g.unlockFolio(found);
    return found;
  });
}

/** kvm_gmemfd_get_pfn() as posted, and the IOPTE: 0 or a negative errno. */
export function* mapBare(g: Gmem, gfn: Gfn): Routine<number> {
  const folio = yield* getPfn(g, gfn, false);
  if (typeof folio === 'number') return folio;
  return (yield* iommuOf(g).ioptes.at(gfn).cmpxchg(null, folio).named('iommu_map($i)')) ? 0 : -EEXIST;
}

/** The other way round; iommufd puts no page back, because it holds none. 0, or -ENOENT where there is nothing. */
export function* unmapBare(g: Gmem, gfn: Gfn): Routine<number> {
  if (!(yield* iommuOf(g).ioptes.at(gfn).holds())) return -ENOENT;
  yield* unmapIopte(g, gfn);
  yield* flushIotlb(g, gfn);
  return 0;
}

/** The same with a reference that the mapping keeps (U1): what unpin_user_pages() is for memory of a process. */
export function* mapPinned(g: Gmem, gfn: Gfn): Routine<number> {
  const { ioptes, pins } = iommuOf(g);
  const folio = yield* getPfn(g, gfn, true);
  if (typeof folio === 'number') return folio;
  const isMapped = yield* atomic('iommu_map($i)', function* () {
    if (!(yield* ioptes.at(gfn).cmpxchg(null, folio))) return false;
    yield* pins.at(gfn).write(folio);
    return true;
  });
  if (!isMapped) yield* putFolio(g, folio);
  return isMapped ? 0 : -EEXIST;
}

/** And the end of it. */
export function* unmapPinned(g: Gmem, gfn: Gfn): Routine<number> {
  const error = yield* unmapBare(g, gfn);
  if (error !== 0) return error;
  const { pins } = iommuOf(g);
  const folio = yield* atomic('the mapping gives its reference up', function* () {
    const held = yield* pins.at(gfn).read();
    if (held !== null) yield* pins.at(gfn).write(null);
    return held;
  });
  if (folio !== null) yield* putFolio(g, folio);
  return 0;
}

/** A device without page requests: what is not mapped is a fault of it. */
export function* faultsForGood(): Routine<number> {
  return -EFAULT;
}

/** iommu_unmap(): the entry of the IO page table goes. */
export function* unmapIopte(g: Gmem, gfn: Gfn): Routine {
  yield* iommuOf(g).ioptes.at(gfn).write(null).named('iommu_unmap($i)');
}

/** iommu_iotlb_sync(): behind it the device does not use what was unmapped. */
export function* flushIotlb(g: Gmem, gfn: Gfn): Routine {
  yield* iommuOf(g).iotlb.at(gfn).write(null).named('iommu_iotlb_sync($i)');
}
