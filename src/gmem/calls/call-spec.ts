/**
 * What is asked of a call of a scenario, whatever its kind: its pages, its arguments, what a file may leave out of it.
 * Imported by the scenarios, the model and recorded workloads.
 */

import type { Access } from '../scenarios/scenario.js';
import { type ArgumentName, type CallName, type CallSpec, callKindOf } from './registry.js';

/** A call as a file writes it: what it leaves out is not filled in yet. */
export type WrittenCall = {
  readonly call: CallName;
  readonly gfn: number;
  readonly count?: number | undefined;
} & { readonly [Name in ArgumentName]?: string | undefined };

/** Fills in what a file left out. `attributes`: of each gfn of the scenario. */
export function completedCall(written: WrittenCall, attributes: readonly Access[]): CallSpec {
  const { call, gfn, count = 1 } = written;
  const { pages, takes } = callKindOf(call);
  const values = Object.keys(takes).map((name) => [name, written[name as ArgumentName] ?? attributes[gfn]]);
  // The schema requires what has no other value.
  return { call, gfn, ...(pages === 'range' ? { count } : {}), ...Object.fromEntries(values) } as CallSpec;
}

/** The gfns that a call touches, ascending. */
export function gfnsOfCall(spec: { readonly gfn: number; readonly count?: number | undefined }): readonly number[] {
  return Array.from({ length: spec.count ?? 1 }, (_, k) => spec.gfn + k);
}

/** The same call on other gfns: as many as there are, from the first one on. */
export function callOnto(spec: CallSpec, gfn: number, count: number): CallSpec {
  return 'count' in spec ? { ...spec, gfn, count } : { ...spec, gfn };
}

/** The same call where gfns have other attributes: what went along with the attribute of its gfn still does. */
export function callUnder(spec: CallSpec, before: readonly Access[], after: readonly Access[]): CallSpec {
  const values = valuesOfCall(spec);
  const follows = Object.entries(callKindOf(spec.call).takes).filter(
    ([name, { otherwise }]) => otherwise === 'attribute' && values[name] === before[spec.gfn],
  );
  return { ...spec, ...Object.fromEntries(follows.map(([name]) => [name, after[spec.gfn]])) };
}

/** What a call takes besides its pages. */
export function valuesOfCall(spec: CallSpec): Readonly<Record<string, string>> {
  const all = spec as unknown as Readonly<Record<string, string>>;
  // A workload has tens of thousands of calls.
  const values: Record<string, string> = {};
  for (const name in callKindOf(spec.call).takes) values[name] = all[name];
  return values;
}
