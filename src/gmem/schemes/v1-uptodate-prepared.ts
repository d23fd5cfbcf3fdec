/**
 * Before "KVM: guest_memfd: Remove preparation tracking" (V1 and S1 in docs/kernel.md). One flag for two facts:
 * uptodate means cleared and prepared.
 */

import { within } from '../../core/ops/routine.js';
import { splitThenInhibit } from '../calls/accept-level.js';
import { leaveFlags } from '../calls/carry-flags.js';
import { setAttributesAtOnce, storeThenEnd, unmapThenCount } from '../calls/convert.js';
import { faultsForGood, mapBare, unmapBare } from '../calls/dma.js';
import { invalidateAndTruncate } from '../calls/fallocate.js';
import { destroyVm, evictInode, freeInode, releaseFile, releaseThenDrop } from '../calls/file-end.js';
import { allocFolio, leavePartial } from '../calls/filemap.js';
import { clearOnce, getPfnUnderFolioLock } from '../calls/get-pfn.js';
import { moveGuest } from '../calls/guest-identity.js';
import { invalidateRetryGfn } from '../calls/invalidate-retry.js';
import { putThenFree, reclaimAtRemoval } from '../calls/lifetime.js';
import { listUnlocked } from '../calls/link.js';
import { orderInSlot } from '../calls/map-level.js';
import { delayedIsFailed, isPoisonedForUser, poisonThenHandle, zapWithFolioLocked } from '../calls/memory-failure.js';
import { leavesInvalidSlot } from '../calls/memslots.js';
import { seqThenCount } from '../calls/mmu.js';
import { barrierThenDestroy } from '../calls/module.js';
import { splitAllThenZap } from '../calls/open-and-zap.js';
import { checkAndMap, snapshotThenAttribute } from '../calls/page-fault.js';
import { getPamt, putPamtWithLock } from '../calls/pamt.js';
import { populateNeedsSource, populateUnderLock } from '../calls/populate.js';
import { bindUnasked, flagsRefused, swapMemslots, unbindUnlessDying } from '../calls/slot-set.js';
import { splitRechecked } from '../calls/split-cache.js';
import { underAllLocks } from '../calls/td-state.js';
import { releaseUnderMmuLock } from '../calls/terminate.js';
import { attributeThenFolio } from '../calls/user-mapping.js';
import { folioPresent } from '../calls/userfault.js';
import { loadVmsaUnchecked } from '../calls/vmsa.js';
import { lockThenShared } from '../calls/write.js';
import type { Scheme } from '../scheme.js';
import { pagesOf } from '../world/folio-ref.js';

/** V1 in docs/kernel.md (googleprodkernel/linux-cc@d953411d). The base of all the others. */
export const v1UptodatePrepared: Scheme = {
  name: 'v1-uptodate-prepared',
  title: 'uptodate = cleared and prepared, under the folio lock (before mainline 8622ef05709f)',
  version: 'V1',
  returnsReference: true,
  traits: {
    uptodate: 'cleared-and-prepared',
    hook: 'unprepared',
    hookLock: 'folio-lock',
    clear: 'before-hook',
    preparedMark: 'after-hook',
    faultLock: 'none',
    reference: 'returned',
    snapshot: 'before-attribute',
    retryCheck: 'sequence',
    mapCheck: 'under-mmu-lock',
    end: 'sequence-first',
    attributeStore: 'inside',
    convertible: 'unmap-first',
    source: 'under-lock',
    busyIndex: 'ignored',
    generation: 'none',
    preparedBit: 'none',
    reclaim: 'at-removal',
    vmsaLoad: 'unchecked',
    vmsaInvalidation: 'none',
    directMap: 'kept',
    delayed: 'failed',
  },

  faultinPfn: snapshotThenAttribute,
  invalidateRetry: invalidateRetryGfn,
  mapFolio: checkAndMap,
  newFolio: allocFolio,
  *freshFolio(_g, _gfn, folio) {
    return folio;
  },
  maxOrder: orderInSlot,
  getPfn: getPfnUnderFolioLock,

  *prepareFolio(g, folio, gfn) {
    if (yield* g.scheme.testPrepared(g, folio, gfn)) return 0;
    return yield* within('kvm_gmem_prepare_folio', g.version, function* () {
      for (const page of pagesOf(folio)) yield* g.clearPage(page);
      const error = yield* g.arch.prepare(g, folio);
      if (error === 0) yield* g.scheme.markPrepared(g, folio, gfn);
      return error;
    });
  },
  *assigning() {},
  clearFolio: clearOnce,
  *testPrepared(g, folio) {
    return yield* g.testUptodate(folio);
  },
  *markPrepared(g, folio) {
    yield* g.markUptodate(folio);
  },
  *invalidating() {},
  *invalidated() {},
  truncatePartial: leavePartial,
  *indexTruncated() {},
  *folioMadeShared() {},

  populate: populateUnderLock,
  getFolioForUser: attributeThenFolio,
  setAttributes: setAttributesAtOnce,
  openAndZap: splitAllThenZap,
  honorAcceptLevel: splitThenInhibit,
  guardTdState: underAllLocks,
  punchHole: invalidateAndTruncate,
  *mergingFolios() {},
  carryFlags: leaveFlags,
  makeConvertible: unmapThenCount,
  populateInPlace: populateNeedsSource,
  writeBegin: lockThenShared,
  *resolveUserfault(_g, _gfn, resolve) {
    return yield* resolve();
  },
  folioToContinue: folioPresent,
  *userfaultCopied(g, folio) {
    yield* g.markUptodate(folio);
  },
  *copyRefused() {
    return false;
  },
  *zapDirectMap() {
    return 0;
  },
  *restoreDirectMap() {},
  memoryFailure: poisonThenHandle,
  errorFolio: zapWithFolioLocked,
  actionResult: delayedIsFailed,
  poisonedForUser: isPoisonedForUser,
  storeAndEnd: storeThenEnd,
  invalidateEnd: seqThenCount,

  freeFolio: reclaimAtRemoval,
  *restoreMetadata() {},
  putFolio: putThenFree,
  *reclaimFailed() {},
  *giveToHost(g, folio) {
    yield* g.arch.makeShared(g, folio);
  },
  pamtGet: getPamt,
  pamtPut: putPamtWithLock,
  splitWithPamt: splitRechecked,
  releaseHkid: releaseUnderMmuLock,
  *populateFailed() {},
  deviceMap: mapBare,
  deviceUnmap: unmapBare,
  deviceFault: faultsForGood,
  loadVmsa: loadVmsaUnchecked,
  *invalidateVmsa() {},
  releaseFile,
  *bindingEnds() {},
  lastFput: releaseThenDrop,
  listFile: listUnlocked,
  moveGuest,
  destroyVm,
  evictInode,
  freeInode,
  exitGmem: barrierThenDestroy,
  bindSlot: bindUnasked,
  *commitSlot() {
    return 0;
  },
  unbindSlot: unbindUnlessDying,
  changeSlotFlags: flagsRefused,
  swapMemslots,
  leavesInvalidSlot,
};
