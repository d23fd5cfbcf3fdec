/**
 * XState itself as the reference for machine tables: whole snapshots, the pure `transition`, nothing of the compiler.
 *
 * Used by the tests of machines and tables.
 */

import { type AnyStateMachine, transition } from 'xstate';
import { type FindingKind, findingKinds } from '../../../src/core/finding-kind.js';

/** State by region; a machine without regions has one, of its own name. */
export type Regions = Record<string, string>;

/** A violation state that XState has entered. */
export interface Entered {
  readonly state: string;
  readonly kind: FindingKind;
  readonly words: string;
}

/** The states that XState starts in. */
export function initialRegions(machine: AnyStateMachine): Regions {
  const regions = machine.root.type === 'parallel' ? Object.values(machine.root.states) : [machine.root];
  return Object.fromEntries(regions.map((region) => [region.key, region.initial.target[0]!.key]));
}

/** What XState does with an event in the given states: the next states, and the violation states among them. */
export function referenceStep(
  machine: AnyStateMachine,
  states: Regions,
  event: string,
): { readonly next: Regions; readonly entered: readonly Entered[] } {
  const parallel = machine.root.type === 'parallel';
  const value = parallel ? states : states[machine.id]!;
  const [snapshot] = transition(machine, machine.resolveState({ value, context: {} }), { type: event });
  const next: Regions = parallel ? { ...snapshot.value } : { [machine.id]: snapshot.value as string };
  const entered = Object.entries(next).flatMap(([region, state]) => {
    const nodes = parallel ? machine.root.states[region]!.states : machine.root.states;
    const node = nodes[state]!;
    return node.tags.includes('violation') ? [{ state: `${region}.${state}`, ...node.meta } as Entered] : [];
  });
  return { next, entered };
}

/** The violation to report when several regions refuse: the most urgent kind, then the first region. */
export function firstByUrgency(entered: readonly Entered[]): Entered | undefined {
  return findingKinds.flatMap((kind) => entered.filter((violation) => violation.kind === kind))[0];
}

/**
 * Walks every state that is reachable without a violation and every event, in breadth.
 *
 * @returns the number of reachable states
 */
export function walk(
  machine: AnyStateMachine,
  events: readonly string[],
  visit: (states: Regions, event: string, next: Regions, entered: readonly Entered[]) => void,
): number {
  const queue = [initialRegions(machine)];
  const seen = new Set([JSON.stringify(queue[0])]);
  for (let states = queue.shift(); states !== undefined; states = queue.shift()) {
    for (const event of events) {
      const { next, entered } = referenceStep(machine, states, event);
      visit(states, event, next, entered);
      const key = JSON.stringify(next);
      if (entered.length > 0 || seen.has(key)) continue;
      seen.add(key);
      queue.push(next);
    }
  }
  return seen.size;
}
