/**
 * What is asked of a call of a scenario, whatever its kind: its pages, its arguments, what a file may leave out of it.
 * Imported by the scenarios, the model and recorded workloads.
 */

import type { Access, Conversion, Slot } from '../scenarios/scenario.js';
import { slotAt } from '../scenarios/slots.js';
import { type ArgumentName, type CallName, type CallSpec, callKindOf } from './registry.js';

/** A call as a file writes it: what it leaves out is not filled in yet. */
export type WrittenCall = {
  readonly call: CallName;
  /** Left out of a call that names no page. */
  readonly gfn?: number | undefined;
  readonly count?: number | undefined;
} & { readonly [Name in ArgumentName]?: string | undefined };

/** The part of a scenario that says which pages of the file a call's numbers mean. */
export interface Numbering {
  readonly slots?: readonly Slot[] | undefined;
  readonly conversion: Conversion;
}

/** A scenario in which there is one memslot, and gfn = index. */
export const ONE_SLOT: Numbering = { conversion: 'in-place' };

/** Fills in what a file left out. `attributes`: of each page of the file. */
export function completedCall(
  written: WrittenCall,
  attributes: readonly Access[],
  numbering: Numbering = ONE_SLOT,
): CallSpec {
  const { call, gfn = 0, count = 1 } = written;
  const { pages, takes } = callKindOf(call);
  const [page] = pagesOfCall(numbering, { call, gfn }) ?? [];
  const values = Object.keys(takes).map((name) => [name, written[name as ArgumentName] ?? attributes[page ?? gfn]]);
  // The schema requires what has no other value.
  return { call, gfn, ...(pages === 'range' ? { count } : {}), ...Object.fromEntries(values) } as CallSpec;
}

/** Whether the numbers of a call are gfns, and not pages of the file. */
export function namesGfns({ conversion }: Numbering, call: CallName): boolean {
  const { by, names } = callKindOf(call);
  return by === 'vcpu' || names === 'gfns' || (names !== undefined && conversion === 'vm-attributes');
}

/** The pages of the file that a call touches, ascending; undefined where it names gfns that no one slot shows. */
export function pagesOfCall(
  numbering: Numbering,
  spec: { readonly call: CallName; readonly gfn: number; readonly count?: number | undefined },
): readonly number[] | undefined {
  const named = gfnsOfCall(spec);
  const { slots } = numbering;
  if (slots === undefined || !namesGfns(numbering, spec.call)) return named;
  const slot = slotAt(slots, spec.gfn);
  if (slot === undefined || spec.gfn + named.length > slot.gfn + slot.pages) return undefined;
  return named.map((gfn) => gfn - slot.gfn + slot.index);
}

/** What a call's numbers are, ascending: gfns or pages of the file. */
export function gfnsOfCall(spec: {
  readonly call: CallName;
  readonly gfn: number;
  readonly count?: number | undefined;
}): readonly number[] {
  if (callKindOf(spec.call).pages === 'none') return [];
  return Array.from({ length: spec.count ?? 1 }, (_, k) => spec.gfn + k);
}

/** The same call on other gfns: as many as there are, from the first one on. */
export function callOnto(spec: CallSpec, gfn: number, count: number): CallSpec {
  return 'count' in spec ? { ...spec, gfn, count } : { ...spec, gfn };
}

/** The same call where gfns have other attributes: what went along with the attribute of its gfn still does. */
export function callUnder(
  spec: CallSpec,
  before: readonly Access[],
  after: readonly Access[],
  numbering: Numbering = ONE_SLOT,
): CallSpec {
  const values = valuesOfCall(spec);
  const [page = spec.gfn] = pagesOfCall(numbering, spec) ?? [];
  const follows = Object.entries(callKindOf(spec.call).takes).filter(
    ([name, { otherwise }]) => otherwise === 'attribute' && values[name] === before[page],
  );
  return { ...spec, ...Object.fromEntries(follows.map(([name]) => [name, after[page]])) };
}

/** What a call takes besides its pages. */
export function valuesOfCall(spec: CallSpec): Readonly<Record<string, string>> {
  const all = spec as unknown as Readonly<Record<string, string>>;
  // A workload has tens of thousands of calls.
  const values: Record<string, string> = {};
  for (const name in callKindOf(spec.call).takes) values[name] = all[name];
  return values;
}
