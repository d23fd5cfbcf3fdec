/**
 * Guards of machines: which states of which regions a guard asks for.
 *
 * Only XState's `stateIn` is allowed, inline or named in the setup, because a table has no context to evaluate
 * anything else on. Used by machine-region.ts.
 */

import { type AnyStateMachine, type AnyStateNode, type StateValue, stateIn } from 'xstate';

/** One state that a guard asks for. */
export interface MachineGuardTerm {
  readonly region: string;
  readonly state: string;
}

// XState publishes no predicate for its built-in guards; every guard made by stateIn shares this function.
const stateInCheck = checkOf(stateIn('any'));

function checkOf(guard: unknown): unknown {
  return (guard as { check?: unknown } | undefined)?.check;
}

/**
 * Reads a guard of a transition.
 *
 * @returns the states it asks for, all of which must be occupied; or a sentence that says what is wrong with it
 */
export function readGuard(machine: AnyStateMachine, guard: unknown): readonly MachineGuardTerm[] | string {
  const resolved = resolveGuard(machine, guard);
  if (checkOf(resolved) !== stateInCheck || stateInCheck === undefined) return 'only stateIn guards are allowed';
  const { stateValue } = resolved as { stateValue: StateValue };
  const terms = typeof stateValue === 'string' ? termsOfText(machine, stateValue) : termsOfValue(machine, stateValue);
  if (terms === undefined) return 'its stateIn guard must name a state of a region, as { region: "state" } or by id';
  const unknown = terms.find(({ region, state }) => !hasState(machine, region, state));
  if (unknown !== undefined) return `its stateIn guard names ${unknown.region}.${unknown.state}, which does not exist`;
  return terms;
}

/** Guards may be named in `setup({ guards })`, and a name may stand for another name. */
function resolveGuard(machine: AnyStateMachine, guard: unknown): unknown {
  const seen = new Set<unknown>();
  let resolved = guard;
  while (resolved !== undefined && typeof resolved !== 'function' && !seen.has(resolved)) {
    seen.add(resolved);
    const name = typeof resolved === 'string' ? resolved : (resolved as { type: string }).type;
    resolved = machine.implementations.guards[name];
  }
  return resolved;
}

/** `#id` names a node; a dot separates region and state; a bare name is a state of a machine without regions. */
function termsOfText(machine: AnyStateMachine, text: string): MachineGuardTerm[] | undefined {
  if (text.startsWith('#')) {
    const node = regionNodes(machine)
      .flatMap((region) => Object.values(region.states))
      .find((state) => state.id === text.slice(1));
    return node?.parent && [{ region: node.parent.key, state: node.key }];
  }
  const path = text.split('.');
  const [region, state] = machine.root.type === 'parallel' ? path : [machine.root.key, text];
  return path.length === (machine.root.type === 'parallel' ? 2 : 1) ? [{ region: region!, state: state! }] : undefined;
}

function termsOfValue(machine: AnyStateMachine, value: Exclude<StateValue, string>): MachineGuardTerm[] | undefined {
  if (machine.root.type !== 'parallel') return undefined;
  const terms = Object.entries(value).map(([region, state]) => ({ region, state }));
  const named = terms.every((term): term is MachineGuardTerm => typeof term.state === 'string');
  return named && terms.length > 0 ? (terms as MachineGuardTerm[]) : undefined;
}

function hasState(machine: AnyStateMachine, region: string, state: string): boolean {
  return regionNodes(machine).some((node) => node.key === region && Object.hasOwn(node.states, state));
}

function regionNodes(machine: AnyStateMachine): AnyStateNode[] {
  return machine.root.type === 'parallel' ? Object.values(machine.root.states) : [machine.root];
}
