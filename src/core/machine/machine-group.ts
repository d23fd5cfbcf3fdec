/**
 * Groups of regions, and how XState answers for one of them.
 *
 * Regions that no guard joins do not see each other, so nothing is lost by not asking for the product of their states:
 * a group is asked for its own states only, whatever the others are in. Used by machine-table.ts.
 */

import { type AnyStateMachine, type StateValue, transition } from 'xstate';
import { ModelError } from '../errors.js';
import type { MachineRegion } from './machine-region.js';

/** Regions joined by guards, in the order of declaration; most often one. */
export type MachineGroup = readonly MachineRegion[];

/** States of the regions of one group, in the group's order. */
export type GroupStates = readonly string[];

/** At 50 microseconds a transition, seconds for a machine with a dozen events, if all of its states are met. */
const MAXIMUM_GROUP_STATES = 4096;

/** Joins regions whose guards name each other, however indirectly; groups are in the order of their first region. */
export function groupRegions(regions: readonly MachineRegion[]): readonly MachineGroup[] {
  const leader = new Map(regions.map((region) => [region.name, region.name]));
  for (const region of regions) {
    for (const term of region.answers.flatMap((answer) => answer.guard)) {
      const [kept, merged] = [leader.get(region.name)!, leader.get(term.region)!];
      for (const [name, current] of leader) if (current === merged) leader.set(name, kept);
    }
  }
  const groups = new Map<string, MachineRegion[]>();
  for (const region of regions) {
    const name = leader.get(region.name)!;
    groups.set(name, [...(groups.get(name) ?? []), region]);
  }
  return [...groups.values()];
}

/**
 * The states of a group, every combination of its regions' ordinary ones, the last region's turning fastest.
 *
 * @throws ModelError when the product of the joined regions is too large for a table
 */
export function statesOf(machine: AnyStateMachine, group: MachineGroup): readonly GroupStates[] {
  requireSize(machine, group);
  return group.reduce<string[][]>(
    (rows, region) => rows.flatMap((row) => region.states.map((state) => [...row, state.name])),
    [[]],
  );
}

/**
 * Asks XState what follows an event; one transition answers for all groups at once.
 *
 * @param states those of each group, in the groups' order
 * @returns each group's next states, violations included
 */
export function askMachine(
  machine: AnyStateMachine,
  groups: readonly MachineGroup[],
  states: readonly GroupStates[],
  type: string,
): readonly GroupStates[] {
  const snapshot = machine.resolveState({ value: stateValueOf(machine, groups, states), context: {} });
  const [{ value }] = transition(machine, snapshot, { type });
  return groups.map((group) => readStates(machine, value, group));
}

function requireSize(machine: AnyStateMachine, group: MachineGroup): void {
  const size = group.reduce((product, region) => product * region.states.length, 1);
  if (size <= MAXIMUM_GROUP_STATES) return;
  const names = group.map((region) => region.name).join(', ');
  const problem = `guards join the regions ${names}, which have ${size} states together`;
  throw new ModelError(`machine "${machine.id}": ${problem}; at most ${MAXIMUM_GROUP_STATES} fit a table`);
}

function stateValueOf(
  machine: AnyStateMachine,
  groups: readonly MachineGroup[],
  states: readonly GroupStates[],
): StateValue {
  if (machine.root.type !== 'parallel') return states[0]![0]!;
  return Object.fromEntries(
    groups.flatMap((group, place) => group.map((region, member) => [region.name, states[place]![member]!])),
  );
}

function readStates(machine: AnyStateMachine, value: StateValue, group: MachineGroup): GroupStates {
  if (machine.root.type !== 'parallel') return [value as string];
  return group.map((region) => (value as Record<string, string>)[region.name]!);
}
