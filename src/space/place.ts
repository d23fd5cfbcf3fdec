/**
 * Places: where in a routine a node is, whatever was learned on the way there: the ops from the start of the call, without
 * their results. Two nodes at one place run the same line of the routine, as far as can be told. Used where a choice is
 * fair at its place.
 */

import type { Automaton } from '../core/automaton/automaton.js';
import { shortHash } from '../core/short-hash.js';

/** The place of a node: equal for two nodes at one place. */
export function routePlaceOf(automaton: Automaton, node: number): string {
  const ops: string[] = [];
  let at = automaton.info(node);
  for (let here = node; ; here = at.parent, at = automaton.info(here)) {
    const { label, region } = automaton.opOf(here).spec;
    ops.push(label, region?.name ?? '');
    if (at.depth === 0) break;
  }
  return shortHash(at.root.name, ...ops);
}
