/**
 * Neglected: what a search on disk does not look for, so that nobody takes its answer for more than it is. Used by
 * verification.
 */

import { LockOrder } from '../lock-order.js';
import type { CheckedVerifyOptions } from '../options.js';
import type { Searched } from '../searched.js';

/** What needs the graph of states, or orders that are left out, and so is not looked for on disk. */
export function neglectedOnDisk({ search, plan }: Searched, { liveness, lockOrder }: CheckedVerifyOptions): string[] {
  const { program } = plan.system;
  const goesRound = search.loops && program.actors.some(({ daemon }) => daemon) && program.finally.length > 0;
  return [
    ...(liveness && search.loops ? ['livelock and starvation (a search on disk keeps no graph)'] : []),
    ...(lockOrder && LockOrder.isOfInterest(program) ? ['the order of locks (not looked at on disk)'] : []),
    ...(goesRound
      ? ['what must hold at the end where daemons go round for ever (a search on disk keeps no graph)']
      : []),
  ];
}
