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
export { irreversible } from './core/ops/irreversible.js';
export { type Again, loop, type RoundValues } from './core/ops/loop.js';
export type { ModelObject, ObjectArray } from './core/ops/objects.js';
export type { Op } from './core/ops/op.js';
export type { Domain, Identity, PartOf, PartRef, Ref } from './core/ops/ref.js';
export {
  atomic,
  type Carried,
  type CarriedValues,
  enter,
  here,
  leave,
  type Routine,
  type Steps,
  tracepoint,
  within,
} from './core/ops/routine.js';
export type { NamedValues, ValueNames } from './core/ops/value-names.js';
export type { Program, ProgramActor, ProgramCall } from './core/program/program.js';
export { after, type Call, call, failsWhen, type NamedDomain, type Script } from './core/program/program-builder.js';
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

export type { ConformOptions, Reason } from './conform/conform.js';
export type { EventsToCome, LaterStep, Look, Observation, ObservedEvent, OpWatch } from './conform/observed.js';
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
export type { ScratchState } from './verify/scratch/scratch-run.js';
export { type SearchOrder, searchOrders } from './verify/search-order.js';
export type { VerifyBound, VerifyResult } from './verify/verify.js';
export { type VerifyAnswer, type VerifyEachOptions, verifyEach } from './verify/verify-each.js';

// guest_memfd

export * from './gmem/public.js';

// Findings and runs for programs

export { exploreAsUsual as explore, verifyAsUsual as verify } from './library/as-usual.js';
export {
  type ConformResult,
  conformModel as conform,
  type ModelToObserve,
} from './library/conform-model.js';
export { type ReplayResult, replay, tokenOf, writeFinding } from './library/findings.js';
export { type StressedFinding, type StressOptions, type StressResult, stress } from './library/stress.js';
export type { LiveFinding } from './live/live-finding.js';
export type { LiveReport } from './live/live-report.js';

// Reports

export { columnsOf } from './report/columns.js';
export { titleOf } from './report/title.js';

// What the types above are made of

export type { Automaton, Derivation, NodeInfo } from './core/automaton/automaton.js';
export type { Derived, Ended } from './core/automaton/derived.js';
export type { Entered, Frame, Jump, Left, LoopWatch } from './core/automaton/feeder.js';
export type { Crossed, Crossing, PassedMarks } from './core/automaton/passed-marks.js';
export type { Root } from './core/automaton/roots.js';
export type { GrowingCell } from './core/growing.js';
export type { CutOff, CutReason, WorkGuard } from './core/guard.js';
export type { MachineTable, MachineViolation } from './core/machine/machine-table.js';
export type { ComputeOptions } from './core/ops/choice.js';
export type { Irreversible } from './core/ops/effect.js';
export type { ErrorResults } from './core/ops/irreversible.js';
export type { Latch, LatchUpdate } from './core/ops/latch.js';
export type { Layout, Region, RegionKind, RegionOptions } from './core/ops/layout.js';
export type {
  ComputeOperand,
  LockRole,
  LockUse,
  Opcode,
  OpcodeValue,
  OpSpec,
  OpViolation,
  Recording,
  ResultKind,
  WordFunction,
} from './core/ops/op.js';
export type { Index } from './core/ops/ref.js';
export type { Instruction, Mark, Place, ReturnText } from './core/ops/routine.js';
export type { After, ProgramCheck } from './core/program/program.js';
export type { ActorOptions, Checkable, CheckOptions } from './core/program/program-builder.js';
export type { Exclusion, Stripes } from './core/program/stripes.js';
export type { Random } from './core/random.js';
export type { Move } from './core/run/closure.js';
export type { Observer } from './core/run/effects.js';
export type { Executor } from './core/run/executor.js';
export type { LivelockAhead } from './core/run/outlook.js';
export type { Conflict } from './core/story/conflict.js';
export type { Blocker, BlockerRole, Deadlock, Waiter } from './core/story/deadlock.js';
export type { HeldLock } from './core/story/held-locks.js';
export type { KeptCalls } from './core/story/kept-calls.js';
export type { TraceFrame } from './core/story/open-frames.js';
export type { Signature } from './core/story/signature.js';
export type { Touch } from './core/story/touched.js';
export type { TraceOp } from './core/story/trace.js';
export type { CoverageDelta } from './explore/coverage.js';
export type { FinalStateList } from './explore/final-states.js';
export type { Lanes, ShardTask } from './explore/lanes.js';
export type { ChunkResult, Sighting, WantedFinding } from './explore/outcomes.js';
export type { Chunk } from './explore/own-lane.js';
export type { Profile, SharedWord } from './explore/profile.js';
export type { ChunkOrder, ShardSettings } from './explore/shard.js';
export type { RacingFacts } from './explore/sharing.js';
export type { BoundedRuns, StreamStats } from './explore/stats.js';
export type { PairCounts } from './explore/stream/racing-pairs.js';
export type { StreamProgress } from './explore/stream/stream-progress.js';
export type {
  Access,
  accesses,
  CallSpec,
  ScenarioActor,
  ScenarioCall,
  StartsAfter,
} from './gmem/scenarios/scenario.js';
export type { RecordedTrace, TraceCall, TraceCallKind, TraceWindow } from './gmem/trace/trace.js';
export type { traitWords } from './gmem/traits.js';
export type { ReplayOptions } from './library/findings.js';
export type { Reproducer, Subject } from './library/stress.js';
export type { LiveActorStory, LiveHeldLock, LiveHistoryStep, LiveLockWait } from './live/live-finding.js';
export type {
  ActorSummary,
  CallSummary,
  FoundAgain,
  LatencySummary,
  ThreadDeath,
  UnfinishedEpochs,
} from './live/live-report.js';
export type { LiveMode } from './live/live-script.js';
export type { ActorPlace, ToldCall } from './live/messages.js';
export type { LockCount } from './live/statistics.js';
export type { Widened } from './model/model.js';
export type { MutexLabels } from './primitives/lock.js';
export type { LockTraits } from './primitives/lock-use.js';
export type { Unfold } from './report/column-rows.js';
export type { ColumnOptions } from './report/columns.js';
export type { FindingSummary } from './report/result-document.js';
export type { LockEdge, LockHold, LockSide } from './verify/lock-edge.js';
