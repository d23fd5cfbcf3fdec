/**
 * The live engine: true parallelism. Every actor of a model is an actor on a worker thread; all share one memory.
 *
 * `live` starts a run and returns at once; what happens comes as a stream of events, and a report at the end. A live run
 * finds races under load and at speed; it cannot be replayed, so what it finds is handed to the controlled engines.
 * Imported by campaigns and the command line.
 */

import { availableParallelism } from 'node:os';
import { type Observable, Subject } from 'rxjs';
import { InputError } from '../core/errors.js';
import { unguarded, type WorkGuard } from '../core/guard.js';
import { refuseUnknownOptions, seedOf } from '../core/known-options.js';
import type { Region } from '../core/ops/layout.js';
import { ACTORS_A_WORD, type Program } from '../core/program/program.js';
import { compileUnder, type Model, modelGiven } from '../model/model.js';
import type { LiveFinding, LiveMoment } from './live-finding.js';
import { lookError } from './live-refusals.js';
import type { ActorSummary, CounterTotals, LiveReport, ThreadDeath } from './live-report.js';
import type { LiveMode } from './live-script.js';
import { type EpochEnd, LiveSession, type LiveSettled } from './live-session.js';
import type { LockCount } from './statistics.js';
import { Supervisor } from './supervisor.js';

/** Options of `live`. */
export interface LiveOptions {
  /** Worker threads. Default: the cores, but no more than there are actors. */
  readonly threads?: number;
  /** Seed of identities, choices and stalls. Default 1. */
  readonly seed?: bigint | number;
  /**
   * `loop`: actors go through their calls over and over, on identities drawn anew; when nothing changes any more, the
   * world is reset. `once`: every actor makes the calls of its script once, as written; then the world is reset. Default:
   * `loop` for a model that says that its calls are repeatable, else `once`.
   */
  readonly mode?: LiveMode;
  /** Whether the budget is spent; asked now and then. Default: never. */
  readonly deadline?: () => boolean;
  /** A monotonic clock, in milliseconds. Default: performance.now. */
  readonly clock?: () => number;
  /** Share of flag accesses and lock ops around which an actor stalls for a moment, 0 .. 1. Default 0. */
  readonly perturb?: number;
  /** Share of the environment's choices that take another outcome than the first, 0 .. 1. Default 0. */
  readonly failureRate?: number;
  /** Time between two quiescent points, at which checks that span words and waits are looked at. Default 250. */
  readonly pauseEveryMs?: number;
  /** Time between two `tick` events. Default 1000. */
  readonly tickMs?: number;
  /** Epochs after which the run ends. Default: no bound. */
  readonly epochs?: number;
  /**
   * Age at which an epoch ends and the world is reset. Mode loop: some races need a fresh world, for a page is populated
   * once. Mode once: an epoch may not come to its end, as when an actor spins for ever; after each that was given up, the
   * next may last twice as long. Default: none.
   */
  readonly epochMs?: number;
  /**
   * Mode once: whether the end of each epoch is told as an `epoch-end` with its final state. That costs some hundred times
   * as much as an epoch of a small model. Default false: `epoch-end` tells of those alone that end by something else.
   */
  readonly tellsEnds?: boolean;
  /** Ends the run with its first finding. Default false: the world is reset, and the run goes on. */
  readonly stopAtFinding?: boolean;
  /**
   * Which locks: `shared` (default), or `local` for a run with one thread. The local ones are async-mutex's and the
   * reference for the others; a free lock costs them ten times as much.
   */
  readonly locks?: 'shared' | 'local';
  /** Cuts off code of the model's that does not come back on the main thread. Default: nothing is cut off there. */
  readonly guard?: WorkGuard;
  /** Ends the run early; what was found is kept. */
  readonly signal?: AbortSignal;
}

/** How long a world lasts. */
export type LivePace = Pick<LiveOptions, 'epochMs'>;

/** Something that happened in a live run. */
export type LiveEvent =
  /** Sums over all epochs and actors. */
  | ({
      readonly type: 'tick';
      /** Different findings. */
      readonly findings: number;
      /** How often each function was entered, as the threads told it last: at a quiescent point so many seconds in. */
      readonly functions: { readonly seconds: number; readonly visits: ReadonlyMap<string, number> };
      /** What they told of locks then, by name. */
      readonly locks: readonly LockCount[];
      readonly actors: readonly ActorSummary[];
    } & CounterTotals &
      LiveMoment)
  /** `first`: none with this signature was seen before. */
  | { readonly type: 'finding'; readonly finding: LiveFinding; readonly first: boolean }
  | { readonly type: 'thread-died'; readonly death: ThreadDeath }
  | {
      readonly type: 'epoch-end';
      readonly epoch: number;
      readonly end: EpochEnd;
      /** Mode once, finished: the words as the other engines have them, and by actor what its calls returned. */
      readonly final: { readonly words: Int32Array; readonly results: readonly (readonly number[])[] } | undefined;
    };

/** The event that comes every so often, with what was done so far. */
export type LiveTick = Extract<LiveEvent, { type: 'tick' }>;

/** A live run under way. */
export interface LiveRun {
  /** What happens, as it happens; completes with the run. */
  readonly events: Observable<LiveEvent>;
  /** The report, once the run is over. Rejects with InputError or ModelError when the model is at fault. */
  readonly done: Promise<LiveReport>;
  /** Brings every actor to rest between two steps; resolves when they are. */
  pause(): Promise<void>;
  /** Lets them go on. */
  resume(): Promise<void>;
  /** Ends the run; `done` resolves with what there is. */
  stop(): Promise<LiveReport>;
  /** Ends a thread as an accident would; for tests of what happens then. */
  terminateThread(thread: number): Promise<void>;
}

/** Starts a live run of a model. Options out of range, and a model without a source, come as InputError by `done`. */
export function live(model: Model, options: LiveOptions = {}): LiveRun {
  const events = new Subject<LiveEvent>();
  const started = start(model, options, events);
  const done = started.then((session) => session.run()).finally(() => events.complete());
  // Whoever uses the stream alone must not be told of it a second time as an unhandled rejection.
  done.catch(() => {});
  return {
    events: events.asObservable(),
    done,
    pause: async () => (await started).pause(),
    resume: async () => (await started).resume(),
    stop: async () => {
      (await started).interrupt();
      return done;
    },
    terminateThread: async (thread) => (await started).supervisor.terminate(thread),
  };
}

async function start(model: Model, options: LiveOptions, events: Subject<LiveEvent>): Promise<LiveSession> {
  refuseUnknownOptions('live()', options, NAMES);
  const { source, name, parameters } = modelGiven(model);
  if (source === undefined) {
    throw new InputError(
      `faultline: model "${name}" cannot run live: worker threads have to load it again; give it source: import.meta.url.`,
    );
  }
  const program = await compileUnder(model, options.guard ?? unguarded);
  const locks = lockOfChecks(program);
  if (locks !== undefined && program.actors.length > ACTORS_A_WORD) throw lookError(locks);
  const settled = settle(options, program);
  const { mode, seed, perturb, failureRate, threads, epochs, tellsEnds } = settled;
  const ownCore = threads <= availableParallelism();
  const world = { source, model: name, parameters, mode, epochs, tellsEnds };
  const template = { ...world, seed, perturb, failureRate, ownCore, locks: settled.locks };
  const session = new LiveSession(
    program,
    settled,
    (...told) => new Supervisor(program, threads, template, ...told),
    events,
  );
  if (options.signal?.aborted) session.interrupt();
  options.signal?.addEventListener('abort', () => session.interrupt(), { once: true });
  return session;
}

/** A lock or a token that a check looks at. */
function lockOfChecks({ always, finally: ends, layout }: Program): Region | undefined {
  const words = [...always, ...ends].flatMap((check) => check.words);
  return words.map((word) => layout.regionOf(word)).find((region) => region?.kind === 'latch');
}

const NAMES = Object.keys({
  threads: 1,
  seed: 1,
  mode: 1,
  deadline: 1,
  clock: 1,
  perturb: 1,
  failureRate: 1,
  pauseEveryMs: 1,
  tickMs: 1,
  epochs: 1,
  epochMs: 1,
  tellsEnds: 1,
  stopAtFinding: 1,
  locks: 1,
  guard: 1,
  signal: 1,
} satisfies Record<keyof LiveOptions, 1>);

function settle(options: LiveOptions, { actors: { length: actors }, repeatable }: Program): LiveSettled {
  const { mode = repeatable === true ? 'loop' : 'once', tellsEnds = false } = options;
  const { perturb = 0, failureRate = 0, pauseEveryMs = 250, tickMs = 1000 } = options;
  const threads = options.threads ?? Math.min(availableParallelism(), actors);
  const { epochs = Number.POSITIVE_INFINITY, epochMs = Number.POSITIVE_INFINITY } = options;
  within('threads', threads, 1, 1024, Number.isInteger(threads));
  within('perturb', perturb, 0, 1);
  within('failureRate', failureRate, 0, 1);
  within('pauseEveryMs', pauseEveryMs, 1, 3_600_000);
  within('tickMs', tickMs, 1, 3_600_000);
  within('epochs', epochs, 1, Number.POSITIVE_INFINITY);
  within('epochMs', epochMs, 1, Number.POSITIVE_INFINITY);
  const { locks = 'shared' } = options;
  if (locks === 'local' && threads > 1) {
    throw new InputError(`faultline: live locks "local" serve one thread, not ${threads}; allowed are "shared" locks.`);
  }
  return {
    ...{ mode, perturb, failureRate, pauseEveryMs, tickMs, epochs, epochMs, tellsEnds },
    ...{ threads: Math.min(threads, actors), locks },
    seed: seedOf(options.seed),
    deadline: options.deadline ?? (() => false),
    clock: options.clock ?? (() => performance.now()),
    stopAtFinding: options.stopAtFinding ?? false,
    guard: options.guard ?? unguarded,
  };
}

function within(name: string, value: number, least: number, most: number, whole = true): void {
  if (value >= least && value <= most && whole) return;
  throw new InputError(`faultline: live ${name} is ${value}; allowed is ${least} to ${most}.`);
}
