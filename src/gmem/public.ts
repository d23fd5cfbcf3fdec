/**
 * The part of the library that is about guest_memfd: `import ... from 'faultline/gmem'`. The library's entry has it as well.
 */

// guest_memfd: the model

export { type Arch, defineArch } from './arch/arch.js';
export { archNone } from './arch/none.js';
export { archPkvm } from './arch/pkvm.js';
export { archSnp } from './arch/snp.js';
export { conformTrace, type ReportedEvent, type TraceOptions, type TraceReport } from './ftrace/conform-trace.js';
export { readTraceText, type TraceLine, type TraceText } from './ftrace/trace-lines.js';
export type { Gmem } from './gmem.js';
export { traitsOf } from './measure-traits.js';
export { type GmemParameters, gmem } from './model.js';
export { builtinScheme, mutate } from './named-scheme.js';
export type { Parts } from './parts.js';
export { applySettings } from './scenarios/apply-settings.js';
export {
  type BuiltinScenarioName,
  builtinScenarioNames,
  type UsualScenarioName,
  usualScenarioNames,
} from './scenarios/builtin-scenario-names.js';
export { builtinScenario, builtinScenarios } from './scenarios/builtin-scenarios.js';
export { loadScenario } from './scenarios/load-scenario.js';
export { parseScenario } from './scenarios/parse-scenario.js';
export type { Scenario, ScenarioFile, Slot } from './scenarios/scenario.js';
export { defineScheme, type Folio, type Gfn, routineNames, type Scheme, type SchemeRoutines } from './scheme.js';
export { loadScheme } from './scheme-lookup.js';
export { builtinSchemes, usualSchemes } from './schemes/builtin-schemes.js';

// guest_memfd: what schemes are made of

export { splitThenInhibit } from './calls/accept-level.js';
export { leaveFlags } from './calls/carry-flags.js';
export {
  convert,
  onlyPageCache,
  setAttributesAtOnce,
  storeAttribute,
  storeThenEnd,
  unmapThenCount,
  unmapThenCountUndrained,
} from './calls/convert.js';
export { type BatchOrder, inBatches, type SetAttributes } from './calls/convert-blocks.js';
export {
  forgetNoDirectMap,
  refusedIfMarked,
  rememberNoDirectMap,
  restoreIfMarked,
  zapThenMark,
} from './calls/direct-map.js';
export { dmaMap, dmaUnmap, faultsForGood, mapBare, mapPinned, unmapBare, unmapPinned } from './calls/dma.js';
export { allocate, invalidateAndTruncate, punchHole } from './calls/fallocate.js';
export { destroyVm, evictInode, freeInode, releaseFile, releaseThenDrop } from './calls/file-end.js';
export {
  allocFolio,
  getEntry,
  getFolio,
  isPoisoned,
  leavePartial,
  putFolio,
  truncateRange,
  unmapUser,
} from './calls/filemap.js';
export { allocWhole } from './calls/folio-blocks.js';
export { newWholeFolio, splitUnlessPrivate } from './calls/fresh-folio.js';
export {
  clearOnce,
  getHealthyFolio,
  getPfnByAttribute,
  getPfnUnderFolioLock,
  underExclusiveLock,
  underSharedLock,
} from './calls/get-pfn.js';
export { moveGuest } from './calls/guest-identity.js';
export { restoreHuge } from './calls/hugetlb-pool.js';
export { beingInvalidated, invalidateRetryGfn, invalidateRetryGfnUnsafe } from './calls/invalidate-retry.js';
export {
  getFolioRef,
  leakFolio,
  leaveToWorker,
  putThenFree,
  putThenReclaim,
  reclaimAtRemoval,
} from './calls/lifetime.js';
export { listUnlocked } from './calls/link.js';
export { orderInSlot, orderOfFolio } from './calls/map-level.js';
export {
  delayedIsFailed,
  delayedPasses,
  isPoisonedForUser,
  poisonThenHandle,
  poisonThenIgnoreLarge,
  zapWithFolioLocked,
} from './calls/memory-failure.js';
export { type FoundSlot, leavesInvalidSlot, type SlotLoop } from './calls/memslots.js';
export { invalidateBegin, invalidateEnd, seqThenCount } from './calls/mmu.js';
export { barrierThenDestroy } from './calls/module.js';
export { type Opening, splitAllThenZap, splitAndZapEach, zapAtOnce, zapThenSplit } from './calls/open-and-zap.js';
export {
  checkAndMap,
  dropFolio,
  guestAccess,
  isPageFaultStale,
  snapshotThenAttribute,
  tdpMmuMap,
  tdpMmuPageFault,
} from './calls/page-fault.js';
export { getPamt, getPamtOrNotFree, putPamtThenLock, putPamtWithLock } from './calls/pamt.js';
export {
  populateAfterGup,
  populateNeedsSource,
  populateUnderLock,
  populateWhatIsThere,
  populateWithGupInside,
} from './calls/populate.js';
export { type MergeAtPunch, type PunchHole, punchBlocks } from './calls/punch-blocks.js';
export { reuseFrame } from './calls/reuse-frame.js';
export {
  bindOrRollBack,
  bindPointer,
  bindUnasked,
  commitBindings,
  flagsRefused,
  replacing,
  type SlotFlags,
  type SlotNow,
  type SlotResult,
  swapMemslots,
  unbindDyingToo,
  unbindLocked,
  unbindUnlessDying,
} from './calls/slot-set.js';
export { splitRechecked, splitUnderMutex } from './calls/split-cache.js';
export { underAllLocks } from './calls/td-state.js';
export { releaseUnderMmuLock } from './calls/terminate.js';
export { attributeThenFolio, hostAccess, munmap, pin, unpin, userFault } from './calls/user-mapping.js';
export { folioPresent, resolveUnderLock } from './calls/userfault.js';
export { createAp, invalidateVmsaAt, loadVmsaChecked, loadVmsaUnchecked, requestReload, vmrun } from './calls/vmsa.js';
export { genericPerformWrite, lockThenShared } from './calls/write.js';
export { NO_RANGE, PRIVATE } from './cell-values.js';
export {
  EACCES,
  EAGAIN,
  EEXIST,
  EFAULT,
  EHWPOISON,
  EINVAL,
  EIO,
  ENODEV,
  ENOENT,
  ENOMEM,
  EOPNOTSUPP,
  errnoText,
  RET_PF_FIXED,
  RET_PF_RETRY,
  retPfText,
  SIGBUS,
} from './errno.js';

// guest_memfd: the schemes

export { bitmapNolock, type PreparedBitmap } from './schemes/bitmap-nolock.js';
export { bitmapSharedLock } from './schemes/bitmap-shared-lock.js';
export { cmpxchgTristate } from './schemes/cmpxchg-tristate.js';
export { type Mutation, mutations } from './schemes/mutations.js';
export { prepareExclusive } from './schemes/prepare-exclusive.js';
export { seqcountRetry } from './schemes/seqcount-retry.js';
export { v1UptodatePrepared } from './schemes/v1-uptodate-prepared.js';
export { v2HookEveryFault } from './schemes/v2-hook-every-fault.js';
export { v3Inplace } from './schemes/v3-inplace.js';
export { type Variant, variants } from './schemes/variants.js';

export type { TraitName, TraitNeeds, Traits } from './traits.js';
// guest_memfd: recorded workloads

export { disjointWindows } from './trace/disjoint-windows.js';
export { readTrace } from './trace/read-trace.js';
export { scenarioOfWindow } from './trace/scenario-of-window.js';
export { selectWindow } from './trace/select-window.js';

// guest_memfd: the objects of a world

export { type Freeze, mergeFolios, splitFolio } from './calls/restructure.js';
export type { Optimizing } from './calls/rmpopt.js';
export type { FileEnd, InodeEnd, VmEnd } from './world/ends.js';
export type { File } from './world/file.js';
export type { FileList } from './world/file-list.js';
export { batchesOf, blockOf, type FolioRef, gfnsOf, isSameGfn, orderOf, pageOf, pagesOf } from './world/folio-ref.js';
export type { Frames } from './world/frames.js';
export type { GuestIdentity } from './world/guest-identity.js';
export type { Host } from './world/host.js';
export type { Inode } from './world/inode.js';
export type { Iommu } from './world/iommu.js';
export type { LargeFolios } from './world/large-folios.js';
export type { Memslots, SlotStruct } from './world/memslots.js';
export type { Pamt } from './world/pamt.js';
export { PageArrays } from './world/parted.js';
export type { Cpus, Platform, SnpPlatform, VendorModule } from './world/platform.js';
export type { FreeCounts, Rmpopt, ScanWork } from './world/rmpopt.js';
export { fillsBlock, gfnNumberOf, isShown, shownWith, slotOf } from './world/shown.js';
export type { SlotChanges } from './world/slot-changes.js';
export type { Vm } from './world/vm.js';
export type { Vmsas } from './world/vmsas.js';
export type { World, WorldOptions } from './world/world.js';
