/**
 * Interrupts: the first Ctrl-C ends the run in good order, the second at once. What does not
 * come back by itself is broken off. Imported by the verbs that run engines.
 */

import { Watchdog } from '../../threads/watchdog.js';
import { ExitStatus } from './exit-status.js';
import { say } from './terminal.js';

let controller: AbortController | undefined;

/** A signal that aborts at the first SIGINT or SIGTERM, one for the whole program. The second one ends the program. */
export function abortOnInterrupt(): AbortSignal {
  if (controller === undefined) {
    controller = new AbortController();
    process.on('SIGINT', interrupt);
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
  if (controller?.signal.aborted) process.exit(ExitStatus.Interrupted);
  controller?.abort();
  say('faultline: interrupted; finishing what is under way (once more to quit at once).');
}
