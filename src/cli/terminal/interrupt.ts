/**
 * Interrupts: the first Ctrl-C ends the run in good order, the second at once. Imported by the verbs that run engines.
 */

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

function interrupt(): void {
  if (controller?.signal.aborted) process.exit(ExitStatus.Interrupted);
  controller?.abort();
  say('faultline: interrupted; finishing what is under way (once more to quit at once).');
}
