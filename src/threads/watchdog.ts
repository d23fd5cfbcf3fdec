/**
 * The watchdog: a guard that ends work on this thread which does not come back, be it a loop without end.
 *
 * V8 can end JavaScript that is running, and node:vm hands that out: a script with a time limit, and on the main thread
 * one that Ctrl-C breaks. While such a script runs nobody hears of signals otherwise, because their listeners wait for
 * the event loop. It costs some 100 us a time, so the engines hand over slices of some 50 ms and not single calls.
 *
 * Node takes the listeners of SIGINT away while the script runs and puts them back behind it. In between, milliseconds on
 * a busy machine, nobody listens; so the command line has a thread that always does (workers/interrupts.ts), and no
 * listener besides. Used by the command line and by the workers.
 */

import { Script } from 'node:vm';
import { CutOff, type CutReason, type WorkGuard } from '../core/guard.js';

/** Time after which work is taken not to come back. Slices are meant to take a hundredth of it. */
const PATIENCE_MS = 5_000;
/** Time beyond the budget's end that a slice may need to notice it by itself. */
const GRACE_MS = 500;
/** What is left for work that begins when all should be over: to tell a loop without end from slow work. */
const LAST_MS = 400;

const WORK = Symbol.for('faultline.watchdog.work');
const thread = globalThis as { [WORK]?: () => unknown };
const script = new Script(`globalThis[Symbol.for('faultline.watchdog.work')]()`, { filename: 'faultline.watchdog' });

/** What the thread that listens for Ctrl-C tells: that none can be missed any more, and each. */
export type InterruptNews = 'listening' | 'interrupt';

/** What a watchdog listens to. */
export interface WatchdogOptions {
  /** When the budget is spent, on the clock of `performance.now`. Default: never. */
  readonly endMs?: number | undefined;
  /** Time after which work is taken not to come back. Default 5,000. */
  readonly patienceMs?: number;
  /** Aborted once everything shall end soon. */
  readonly signal?: AbortSignal;
  /** Called when Ctrl-C breaks work, instead of the listeners of SIGINT. Without it Ctrl-C breaks nothing: workers. */
  readonly onInterrupt?: () => void;
}

/** Cuts off work on this thread. */
export class Watchdog implements WorkGuard {
  #inside = false;

  constructor(readonly options: WatchdogOptions = {}) {}

  run<T>(work: () => T, times = 1): T {
    if (this.#inside) return work();
    const { onInterrupt } = this.options;
    const start = performance.now();
    const { limitMs, reason } = this.#limit(start, times);
    let result: T | undefined;
    this.#inside = true;
    thread[WORK] = () => {
      result = work();
    };
    try {
      script.runInThisContext({
        breakOnSigint: onInterrupt !== undefined,
        displayErrors: false,
        ...(limitMs === Number.POSITIVE_INFINITY ? {} : { timeout: Math.ceil(limitMs) }),
      });
      return result as T;
    } catch (error) {
      const afterMs = performance.now() - start;
      if (isCode(error, 'ERR_SCRIPT_EXECUTION_TIMEOUT')) throw new CutOff(reason, afterMs);
      if (!isCode(error, 'ERR_SCRIPT_EXECUTION_INTERRUPTED')) throw error;
      onInterrupt?.();
      throw new CutOff('interrupt', afterMs);
    } finally {
      this.#inside = false;
      delete thread[WORK];
    }
  }

  /** How long work that begins now may take, and what it is told when it takes longer. */
  #limit(now: number, times: number): { readonly limitMs: number; readonly reason: CutReason } {
    const { endMs = Number.POSITIVE_INFINITY, patienceMs = PATIENCE_MS, signal } = this.options;
    if (signal?.aborted === true) return { limitMs: LAST_MS, reason: 'interrupt' };
    const leftMs = Math.max(LAST_MS, endMs + GRACE_MS - now);
    const longestMs = Math.max(1, patienceMs * times);
    // The budget comes first where both are up: it is the caller's own.
    return leftMs <= longestMs ? { limitMs: leftMs, reason: 'deadline' } : { limitMs: longestMs, reason: 'patience' };
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
