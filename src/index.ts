/**
 * The public library: what `import ... from 'faultline'` offers. Models of one's own, the engines, guest_memfd, and the
 * parts that guest_memfd's schemes are made of. Nothing of ours imports it but the command line.
 */

// Models

export { InputError, ModelError } from './core/errors.js';
export type { Finding, ScheduleSize } from './core/finding.js';
export { type FindingKind, findingKinds } from './core/finding-kind.js';
export type { Bitmap, Cell, CellArray, Ghost, RefCell, RefCellArray } from './core/ops/cell.js';
export { sameRef } from './core/ops/cell.js';
export { type ChoiceOptions, choose, compute, waitUntil } from './core/ops/choice.js';
export { type CheckedKind, check } from './core/ops/failure.js';
export { type Again, loop, type RoundValues } from './core/ops/loop.js';
export type { ModelObject, ObjectArray } from './core/ops/objects.js';
export type { Op } from './core/ops/op.js';
export type { Domain, Identity, Ref } from './core/ops/ref.js';
export {
  atomic,
  type Carried,
  type CarriedValues,
  enter,
  here,
  leave,
  type Routine,
  within,
} from './core/ops/routine.js';
export type { Program, ProgramActor, ProgramCall } from './core/program/program.js';
export { after, type Call, call, type Script } from './core/program/program-builder.js';
export type { Violation } from './core/run/checks.js';
export type { Schedule } from './core/schedule.js';
export { keepCalls } from './core/story/kept-calls.js';
export { type Trace, type TraceStep, traceOf } from './core/story/trace.js';
export { loadModel } from './model/load-model.js';
export { loadModule } from './model/load-module.js';
export {
  compileModel,
  defineModel,
  type Model,
  type ModelDefinition,
  type Parameters,
  type ParameterValue,
} from './model/model.js';
export type { ModelBuilder } from './model/model-builder.js';
export type { DeferredWork } from './primitives/deferred.js';
export type { LockPromises, Mutex, RwLock, RwSem } from './primitives/lock.js';
export type { RefCount } from './primitives/refcount.js';
export type { Srcu } from './primitives/srcu.js';
export type { Token } from './primitives/token.js';

// Engines

export { type CompareAnswer, type CompareCell, type CompareOptions, compare } from './explore/compare.js';
export { type EnumerateOptions, type Enumeration, enumerateSchedules } from './explore/enumerate.js';
export { type ExhaustOptions, type ExhaustResult, exhaust } from './explore/exhaust.js';
export { type ExploreResult, explore } from './explore/explore.js';
export { Workers } from './explore/lanes.js';
export type { ExploreOptions, ExploreProgress } from './explore/options.js';
export { type Replayed, replaySchedule } from './explore/replay.js';
export type { ExploreStats } from './explore/stats.js';
export {
  type EndOfRun,
  type KeptState,
  type OwnStrategy,
  type RunUnderWay,
  type Strategy,
  type StrategyName,
  type StrategyWorld,
  strategyNames,
} from './explore/strategy.js';
export type { ReductionsUsed, ReductionUse } from './space/plan.js';
export type { Interleavings } from './verify/count.js';
export type { Uncovered } from './verify/coverage.js';
export type { VerifyFinding } from './verify/finding-of.js';
export type { LockCycle } from './verify/lock-order.js';
export type { VerifyOptions, VerifyPhase, VerifyProgress } from './verify/options.js';
export type { SearchOrder } from './verify/search.js';
export { type VerifyBound, type VerifyResult, verify } from './verify/verify.js';
export { type VerifyAnswer, type VerifyEachOptions, verifyEach } from './verify/verify-each.js';

// guest_memfd: the model

export type { Arch } from './gmem/arch/arch.js';
export { archNone } from './gmem/arch/none.js';
export { archSnp } from './gmem/arch/snp.js';
export type { Gmem } from './gmem/gmem.js';
export { traitsOf } from './gmem/measure-traits.js';
export { type GmemParameters, gmem } from './gmem/model.js';
export { applySettings } from './gmem/scenarios/apply-settings.js';
export { type BuiltinScenarioName, builtinScenarioNames } from './gmem/scenarios/builtin-scenario-names.js';
export { builtinScenario, builtinScenarios } from './gmem/scenarios/builtin-scenarios.js';
export { loadScenario } from './gmem/scenarios/load-scenario.js';
export { parseScenario } from './gmem/scenarios/parse-scenario.js';
export type { Scenario } from './gmem/scenarios/scenario.js';
export { defineScheme, type Folio, type Gfn, routineNames, type Scheme, type SchemeRoutines } from './gmem/scheme.js';
export { builtinScheme, loadScheme, mutate } from './gmem/scheme-lookup.js';
export { builtinSchemes } from './gmem/schemes/builtin-schemes.js';

// guest_memfd: what schemes are made of

export { convert, onlyPageCache, storeAttribute, storeThenEnd, unmapThenCount } from './gmem/calls/convert.js';
export { allocate, punchHole } from './gmem/calls/fallocate.js';
export { getEntry, getFolio, putFolio, truncateIndex, unmapUser } from './gmem/calls/filemap.js';
export {
  clearOnce,
  getPfnByAttribute,
  getPfnUnderFolioLock,
  underExclusiveLock,
  underSharedLock,
} from './gmem/calls/get-pfn.js';
export {
  beingInvalidated,
  invalidateBegin,
  invalidateEnd,
  invalidateRetryGfn,
  invalidateRetryGfnUnsafe,
  seqThenCount,
} from './gmem/calls/mmu.js';
export {
  checkAndMap,
  dropFolio,
  guestAccess,
  isPageFaultStale,
  snapshotThenAttribute,
  tdpMmuMap,
  tdpMmuPageFault,
} from './gmem/calls/page-fault.js';
export { populateAfterGup, populateUnderLock, populateWithGupInside } from './gmem/calls/populate.js';
export { attributeThenFolio, hostAccess, munmap, pin, unpin, userFault } from './gmem/calls/user-mapping.js';
export { NO_RANGE, PRIVATE } from './gmem/cell-values.js';
export {
  EACCES,
  EAGAIN,
  EEXIST,
  EFAULT,
  EINVAL,
  EIO,
  ENOENT,
  ENOMEM,
  RET_PF_FIXED,
  RET_PF_RETRY,
  SIGBUS,
} from './gmem/errno.js';

// guest_memfd: the schemes

export { bitmapNolock, type PreparedBitmap } from './gmem/schemes/bitmap-nolock.js';
export { bitmapSharedLock } from './gmem/schemes/bitmap-shared-lock.js';
export { cmpxchgTristate } from './gmem/schemes/cmpxchg-tristate.js';
export { type Mutation, mutations } from './gmem/schemes/mutations.js';
export { prepareExclusive } from './gmem/schemes/prepare-exclusive.js';
export { seqcountRetry } from './gmem/schemes/seqcount-retry.js';
export { v1UptodatePrepared } from './gmem/schemes/v1-uptodate-prepared.js';
export { v2HookEveryFault } from './gmem/schemes/v2-hook-every-fault.js';
export { v3Inplace } from './gmem/schemes/v3-inplace.js';

export type { TraitName, TraitNeeds, Traits } from './gmem/traits.js';
// guest_memfd: recorded workloads

export { disjointWindows } from './gmem/trace/disjoint-windows.js';
export { readTrace } from './gmem/trace/read-trace.js';
export { scenarioOfWindow } from './gmem/trace/scenario-of-window.js';
export { selectWindow } from './gmem/trace/select-window.js';

// Reports

export { columnsOf } from './report/columns.js';
export { titleOf } from './report/title.js';
