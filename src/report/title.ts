/**
 * Titles of findings, in the form of a kernel report. Used by the command line and wherever findings are listed.
 */

import { functionOf } from '../core/story/open-frames.js';
import { INITIAL_STATE, withoutWildcards } from '../core/story/signature.js';
import type { Trace } from '../core/story/trace.js';

/**
 * `BUG: faultline: <kind> in <function> / <function>`: the function whose step broke it, the one it conflicts with; for
 * a deadlock, the functions that wait for each other. A step in no function (an access by the guest, say) is named by its
 * call, without the numbers of this one. Undefined when nothing broke.
 */
export function titleOf(trace: Trace): string | undefined {
  if (trace.violation === undefined) return undefined;
  if (trace.initially) return `BUG: faultline: ${trace.violation.kind} in ${INITIAL_STATE}`;
  const functions = trace.deadlock ? waitingFunctions(trace) : conflictingFunctions(trace);
  const where = functions.length > 0 ? ` in ${functions.map(placeText).join(' / ')}` : '';
  return `BUG: faultline: ${trace.violation.kind}${where}`;
}

/** Calls are named in words, and functions, routines of a model among them, in one. */
function placeText(name: string): string {
  return /\s/.test(name) ? `call ${withoutWildcards(name)}` : withoutWildcards(name);
}

function conflictingFunctions({ conflict }: Trace): readonly string[] {
  return [conflict?.function, conflict?.with].filter((name) => name !== undefined);
}

function waitingFunctions({ deadlock }: Trace): readonly string[] {
  const { waiters = [], cycle = [] } = deadlock ?? {};
  const ring = cycle.length > 0 ? cycle : waiters.map(({ actor }) => actor);
  const names = ring.flatMap((actor) => waiters.filter((waiter) => waiter.actor === actor).map(functionOf));
  const distinct = [...new Set(names)];
  // Two tasks stuck in one function against each other: name it twice, as a conflict would be.
  return distinct.length === 1 && names.length > 1 ? [...distinct, ...distinct] : distinct;
}
