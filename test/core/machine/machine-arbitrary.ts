/**
 * Small random machines that keep the discipline: one to four regions, refusals, stateIn guards, defaults of a region.
 *
 * Used by the property tests of machine tables.
 */

import fc from 'fast-check';
import { type AnyStateMachine, createMachine, stateIn } from 'xstate';
import { findingKinds } from '../../../src/core/finding-kind.js';

/** The alphabet of every generated machine. */
export const arbitraryEvents = ['A', 'B', 'C'] as const;

/** One state's answer: positions that the builder takes modulo what exists. */
interface AnswerPlan {
  /** A place among the region's states and refusals; undefined: the region's default answers. */
  readonly target: number | undefined;
  /** A target that is taken instead when some region (perhaps this one) is in some state. */
  readonly guarded: { readonly target: number; readonly region: number; readonly state: number } | undefined;
}

interface RegionPlan {
  readonly states: number;
  readonly kinds: readonly string[];
  readonly defaults: readonly number[];
  readonly answers: readonly (readonly AnswerPlan[])[];
}

const position = fc.nat({ max: 7 });
const answerPlan: fc.Arbitrary<AnswerPlan> = fc.record({
  target: fc.option(position, { nil: undefined }),
  guarded: fc.option(fc.record({ target: position, region: position, state: position }), { nil: undefined, freq: 2 }),
});
const regionPlan: fc.Arbitrary<RegionPlan> = fc.record({
  states: fc.integer({ min: 1, max: 3 }),
  kinds: fc.array(fc.constantFrom(...findingKinds), { maxLength: 2 }),
  defaults: fc.tuple(position, position, position),
  answers: fc.array(fc.tuple(answerPlan, answerPlan, answerPlan), { minLength: 3, maxLength: 3 }),
});

/** Machines of one to four regions over `arbitraryEvents`; some that have one region are not parallel. */
export const arbitraryMachine: fc.Arbitrary<AnyStateMachine> = fc
  .record({ plans: fc.array(regionPlan, { minLength: 1, maxLength: 4 }), parallel: fc.boolean() })
  .map(({ plans, parallel }) => {
    const isParallel = parallel || plans.length > 1;
    const regions = plans.map((plan, place) => [`r${place}`, regionConfig(plans, plan, isParallel)] as const);
    const config = isParallel ? { type: 'parallel', states: Object.fromEntries(regions) } : regions[0]![1];
    return createMachine({ id: 'm', ...config } as never) as AnyStateMachine;
  });

function regionConfig(plans: readonly RegionPlan[], plan: RegionPlan, parallel: boolean) {
  const names = [
    ...Array.from({ length: plan.states }, (_, place) => `s${place}`),
    ...plan.kinds.map((_, v) => `v${v}`),
  ];
  const named = (place: number) => names[place % names.length]!;
  const states = Array.from({ length: plan.states }, (_, place) => {
    const on = arbitraryEvents.map((event, column) => [
      event,
      transitions(plans, plan.answers[place]![column]!, named, parallel),
    ]);
    return [`s${place}`, { tags: [`t${place}`], on: Object.fromEntries(on.filter(([, list]) => list!.length > 0)) }];
  });
  const refusals = plan.kinds.map((kind, v) => [`v${v}`, { tags: ['violation'], meta: { kind, words: `words ${v}` } }]);
  const defaults = arbitraryEvents.map((event, column) => [event, `.${named(plan.defaults[column]!)}`]);
  return { initial: 's0', on: Object.fromEntries(defaults), states: Object.fromEntries([...states, ...refusals]) };
}

function transitions(
  plans: readonly RegionPlan[],
  plan: AnswerPlan,
  named: (place: number) => string,
  parallel: boolean,
) {
  const list: object[] = [];
  if (plan.guarded !== undefined) {
    const region = plan.guarded.region % plans.length;
    const state = `s${plan.guarded.state % plans[region]!.states}`;
    list.push({ target: named(plan.guarded.target), guard: stateIn(parallel ? { [`r${region}`]: state } : state) });
  }
  if (plan.target !== undefined) list.push({ target: named(plan.target) });
  return list;
}
