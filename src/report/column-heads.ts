/**
 * Column heads: which actors a trace shows, and what each of them does. Used by the columns, the deadlock report and the
 * sequence diagram.
 */

import type { Trace } from '../core/story/trace.js';

/** A column: an actor, and its title. */
export interface ColumnHead {
  readonly actor: number;
  /** The actor with the calls it came to in brackets: `vCPU0 (fault gfn 3)`. */
  readonly title: string;
}

/** The actors that take steps or cannot, and those that shall be shown besides, ascending. */
export function columnHeads(
  trace: Trace,
  besides: readonly { readonly actor: number; readonly call: number }[] = [],
): readonly ColumnHead[] {
  const reached = new Map<number, number>();
  for (const { actor, call } of [...trace.steps, ...besides, ...(trace.deadlock?.waiters ?? [])])
    reached.set(actor, call);
  return trace.actors.flatMap(({ name, calls }, actor) => {
    const last = reached.get(actor);
    if (last === undefined) return [];
    const does = calls
      .slice(0, last + 1)
      .map((call) => call.name)
      .join(', ');
    return [{ actor, title: does === '' || does === name ? name : `${name} (${does})` }];
  });
}
