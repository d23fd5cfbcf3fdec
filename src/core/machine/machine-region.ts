/**
 * Regions of a machine as plain data, read from an XState machine under the discipline that makes tables possible.
 *
 * The discipline: one region, or parallel regions; atomic states directly below a region; no context, actions, delays
 * or invokes; guards are stateIn only; every state answers every event of the machine, by itself or by a default of
 * its region; an event that a state refuses leads to a state tagged `violation`, which ends there. Used by the compiler
 * (machine-table.ts) and by whoever draws a machine.
 */

import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { ModelError } from '../errors.js';
import { type FindingKind, findingKinds } from '../finding-kind.js';
import { didYouMean } from '../input-sentence.js';
import { type MachineGuardTerm, readGuard } from './machine-guard.js';

/** A state in which the run goes on. */
export interface MachineState {
  readonly name: string;
  /** Sorted. */
  readonly tags: readonly string[];
}

/** A state tagged `violation`: the run ends there with a finding. */
export interface MachineRefusal {
  readonly name: string;
  readonly kind: FindingKind;
  /** Completes "When this happens, ...". */
  readonly words: string;
}

/** One transition: in `source`, on `event`, to `target` (equal to `source`: stays), when all of `guard` holds. */
export interface MachineAnswer {
  readonly source: string;
  readonly event: string;
  readonly target: string;
  /** States that must be occupied; empty: always. */
  readonly guard: readonly MachineGuardTerm[];
}

/** One region. A machine without regions is one region of its own name. */
export interface MachineRegion {
  readonly name: string;
  readonly initial: string;
  /** In the order of declaration. */
  readonly states: readonly MachineState[];
  /** In the order of declaration. */
  readonly refusals: readonly MachineRefusal[];
  /** By state, then event (sorted), then in the order in which XState tries them; the last one has no guard. */
  readonly answers: readonly MachineAnswer[];
}

/** Names the place that breaks the discipline. */
interface Place {
  readonly machine: string;
  readonly region?: string;
  readonly state?: string;
  readonly event?: string;
}

/**
 * Reads the regions of a machine, in the order of their declaration.
 *
 * @throws ModelError naming machine, region, state and event of the first breach of the discipline
 */
export function readRegions(machine: AnyStateMachine): readonly MachineRegion[] {
  const place = { machine: machine.id };
  if (machine.config.id === undefined) throw breach(place, 'it needs an id, which traces print');
  if (machine.config.context !== undefined) throw breach(place, 'context is not allowed: a table has none');
  const { root } = machine;
  if (root.type === 'parallel') requireInert(root, place, { events: false });
  const regions = root.type === 'parallel' ? Object.values<AnyStateNode>(root.states) : [root];
  for (const region of regions) requireRegion(region, opAt(machine, region));
  const events = eventsOf(regions);
  return regions.map((region) => readRegion(machine, region, events));
}

/** Every event that any region names, sorted: the machine's alphabet. */
function eventsOf(regions: readonly AnyStateNode[]): readonly string[] {
  const nodes = regions.flatMap((region) => [region, ...Object.values<AnyStateNode>(region.states)]);
  return [...new Set(nodes.flatMap((node) => [...node.transitions.keys()]))].sort();
}

function readRegion(machine: AnyStateMachine, region: AnyStateNode, events: readonly string[]): MachineRegion {
  const place = opAt(machine, region);
  const nodes = Object.values<AnyStateNode>(region.states);
  const states = nodes.filter((node) => !isViolation(node));
  const initial = region.initial.target[0] as AnyStateNode;
  if (initial.parent !== region || isViolation(initial)) {
    throw breach(place, 'its initial state must be one of its own states and no violation');
  }
  return {
    name: region.key,
    initial: initial.key,
    states: states.map((node) => ({ name: node.key, tags: [...node.tags].sort() })),
    refusals: nodes.filter(isViolation).map((node) => readRefusal(node, { ...place, state: node.key })),
    answers: states.flatMap((node) => events.flatMap((event) => readAnswers(machine, node, event))),
  };
}

/** The transitions of one state on one event, its own before its region's, up to the first without a guard. */
function readAnswers(machine: AnyStateMachine, node: AnyStateNode, event: string): MachineAnswer[] {
  const region = node.parent as AnyStateNode;
  const place = { ...opAt(machine, region), state: node.key, event };
  const candidates = [...transitionsOf(node, event), ...transitionsOf(region, event)];
  const answers = candidates.map((candidate) => readAnswer(machine, node, candidate, place));
  const last = answers.findIndex((answer) => answer.guard.length === 0);
  if (last < 0) {
    const problem = candidates.length === 0 ? 'nothing answers it' : 'nothing answers it when no guard holds';
    throw breach(place, `${problem}: name it in the state (a no-op as an empty transition) or as the region's default`);
  }
  return answers.slice(0, last + 1);
}

function transitionsOf(node: AnyStateNode, event: string): readonly AnyTransitionDefinition[] {
  return node.transitions.get(event) ?? [];
}

function readAnswer(
  machine: AnyStateMachine,
  node: AnyStateNode,
  transition: AnyTransitionDefinition,
  place: Place,
): MachineAnswer {
  if (transition.actions.length > 0) throw breach(place, 'actions are not allowed');
  const [target = node, second] = transition.target ?? [];
  if (second !== undefined || target.parent !== node.parent) {
    throw breach(place, 'a transition must lead to one state of the same region');
  }
  const guard = transition.guard === undefined ? [] : readGuard(machine, transition.guard);
  if (typeof guard === 'string') throw breach(place, guard);
  return { source: node.key, event: transition.eventType, target: target.key, guard };
}

function readRefusal(node: AnyStateNode, place: Place): MachineRefusal {
  if (node.transitions.size > 0) throw breach(place, 'a violation state ends the run and can have no transitions');
  if (node.tags.length > 1) throw breach(place, 'a violation state can have no other tag');
  const { kind, words } = (node.meta ?? {}) as { kind?: unknown; words?: unknown };
  const known = findingKinds.find((candidate) => candidate === kind);
  if (known === undefined)
    throw breach(place, `meta.kind must be one of ${findingKinds.join(', ')}${didYouMean(kind, findingKinds)}`);
  if (typeof words !== 'string' || words === '') {
    throw breach(place, 'meta.words must be the text that completes "When this happens, ..."');
  }
  return { name: node.key, kind: known, words };
}

/** A region is a compound node over atomic states, and nothing on it or in it acts. */
function requireRegion(region: AnyStateNode, place: Place): void {
  if (region.type !== 'compound') throw breach(place, 'a region needs an initial state and atomic states below it');
  if (typeof region.config.initial !== 'string') throw breach(place, 'its initial state must be given by name');
  requireInert(region, place, { events: true });
  for (const node of Object.values<AnyStateNode>(region.states)) {
    const at = { ...place, state: node.key };
    if (node.type !== 'atomic') throw breach(at, `a state must be atomic, and this one is ${node.type}`);
    requireInert(node, at, { events: true, tags: true });
  }
}

/** A node that only reacts to events by name: no actions, time, actors or transitions of XState's own. */
function requireInert(node: AnyStateNode, place: Place, allowed: { events: boolean; tags?: boolean }): void {
  const { config } = node;
  if (config.after !== undefined) throw breach(place, 'delayed transitions (after) are not allowed');
  if (config.always !== undefined) throw breach(place, 'eventless transitions (always) are not allowed');
  if (config.invoke !== undefined) throw breach(place, 'invoked actors are not allowed');
  if (node.entry.length + node.exit.length > 0) throw breach(place, 'entry and exit actions are not allowed');
  if (!allowed.tags && node.tags.length > 0) throw breach(place, 'tags belong to states');
  for (const event of node.transitions.keys()) {
    const at = { ...place, event };
    if (!allowed.events) throw breach(at, 'a machine with regions has no transitions of its own: put it in a region');
    if (event.includes('*')) throw breach(at, 'wildcards are not allowed: every event is named');
    if (event.startsWith('xstate.')) throw breach(at, "transitions on XState's own events are not allowed");
  }
}

function isViolation(node: AnyStateNode): boolean {
  return node.tags.includes('violation');
}

function opAt(machine: AnyStateMachine, region: AnyStateNode): Place & { region: string } {
  return { machine: machine.id, region: region.key };
}

function breach(place: Place, problem: string): ModelError {
  const where = Object.entries(place).map(([what, name]) => `${what} "${name}"`);
  return new ModelError(`${where.join(', ')}: ${problem}`);
}
