/**
 * Interrupts: the first Ctrl-C ends the run in good order, the second at once. What does not
 * come back by itself is broken off. Imported by main and by the verbs that run engines.
 */

import { Worker } from 'node:worker_threads';
import { builtWorker } from '../../threads/built-worker.js';
import { type InterruptNews, Watchdog } from '../../threads/watchdog.js';
import { endProgram } from './ending.js';
import { ExitStatus } from './exit-status.js';
import { say } from './terminal.js';

let controller: AbortController | undefined;
let listening: Promise<void> | undefined;

/** Starts to listen for Ctrl-C; resolves once none can be missed. Nothing that can be lost may begin before. */
export function listenForInterrupts(): Promise<void> {
  listening ??= new Promise((resolve) => {
    const path = builtWorker('interrupts');
    if (path === undefined) {
      process.on('SIGINT', interrupt);
      return resolve();
    }
    // Never a listener of Node's besides: its handler would take the place of the thread's, and leave none behind.
    const thread = new Worker(path, { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: 8 } });
    thread.on('message', (news: InterruptNews) => {
      if (news === 'interrupt') return interrupt();
      // From here on it keeps the program from ending no more.
      thread.unref();
      resolve();
    });
  });
  return listening;
}

/** A signal that aborts at the first SIGINT or SIGTERM, one for the whole program. The second one ends the program. */
export function abortOnInterrupt(): AbortSignal {
  if (controller === undefined) {
    controller = new AbortController();
    void listenForInterrupts();
    process.on('SIGTERM', interrupt);
  }
  return controller.signal;
}

/**
 * A guard for work on this thread: the first Ctrl-C breaks it and counts as above, and it ends soon after the budget,
 * which begins now. Without a budget it ends when it does not come back.
 */
export function watchdog(budgetMs?: number): Watchdog {
  const signal = abortOnInterrupt();
  const endMs = budgetMs === undefined ? undefined : performance.now() + budgetMs;
  return new Watchdog({ signal, endMs, onInterrupt: interrupt });
}

function interrupt(): void {
  if (controller === undefined || controller.signal.aborted) endProgram(ExitStatus.Interrupted);
  controller.abort();
  say('faultline: interrupted; finishing what is under way (once more to quit at once).');
}
