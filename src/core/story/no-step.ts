/**
 * Actors without a step: whatever the others do, each of their calls comes to its end without an op. Nothing of them is
 * searched, which whoever wrote them should know. Read by the command line.
 */

import type { Program } from '../program/program.js';

/** The names of the actors that have no step at all, in their order. */
export function actorsWithoutStep({ actors, automaton }: Pick<Program, 'actors' | 'automaton'>): string[] {
  const isIdle = (node: number) => automaton.info(node).op === undefined;
  return actors.filter(({ calls }) => calls.every(({ root }) => isIdle(root.node))).map(({ name }) => name);
}
