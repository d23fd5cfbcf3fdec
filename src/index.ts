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
  type Steps,
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
export type { Barrier } from './primitives/barrier.js';
export type { CellLock, HoldMode } from './primitives/cell-lock.js';
export type { CompletionEvent } from './primitives/completion.js';
export type { Condition, ConditionTraits } from './primitives/condition.js';
export type { DeferredWork } from './primitives/deferred.js';
export type { Mutex, RwSem } from './primitives/lock.js';
export type { LockPromises } from './primitives/lock-use.js';
export type { FifoQueue } from './primitives/queue.js';
export type { Rcu, RcuCallbacks } from './primitives/rcu.js';
export type { RefCount } from './primitives/refcount.js';
export type { RwLock } from './primitives/rwlock.js';
export type { Semaphore } from './primitives/semaphore.js';
export type { SeqCount, SeqLock } from './primitives/seqlock.js';
export type { SpawnedActor } from './primitives/spawned.js';
export type { Srcu } from './primitives/srcu.js';
export type { Token } from './primitives/token.js';
export type { WaitQueue, WaitQueueSide } from './primitives/wait-queue.js';
export type { WorkItem, WorkQueue, WorkSlots } from './primitives/workqueue.js';

// Engines

export { type CompareAnswer, type CompareCell, type CompareOptions, compare } from './explore/compare.js';
export { type EnumerateOptions, type Enumeration, enumerateSchedules } from './explore/enumerate.js';
export { type ExhaustOptions, type ExhaustResult, exhaust } from './explore/exhaust.js';
export type { ExploreResult } from './explore/explore.js';
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
export type { VerifyBound, VerifyResult } from './verify/verify.js';
export { type VerifyAnswer, type VerifyEachOptions, verifyEach } from './verify/verify-each.js';

// guest_memfd

export * from './gmem/public.js';

// Findings and runs for programs

export { exploreAsUsual as explore, verifyAsUsual as verify } from './library/as-usual.js';
export { type ReplayResult, replay, tokenOf, writeFinding } from './library/findings.js';
export { type StressedFinding, type StressOptions, type StressResult, stress } from './library/stress.js';
export type { LiveFinding } from './live/live-finding.js';
export type { LiveReport } from './live/live-report.js';

// Reports

export { columnsOf } from './report/columns.js';
export { titleOf } from './report/title.js';
