/**
 * The guest_memfd model: a scenario and a scheme made into a model that every engine runs. It is an ordinary
 * `defineModel` whose parameters are the scenario (plain JSON) and the scheme's name.
 */

import type { Ref } from '../core/ops/ref.js';
import type { Routine } from '../core/ops/routine.js';
import type { After } from '../core/program/program.js';
import { after, type Call, call } from '../core/program/program-builder.js';
import { vouchFor } from '../core/program/stripes.js';
import { defineModel, type Model, type ParameterValue } from '../model/model.js';
import type { CallKind } from './calls/call-kind.js';
import { gfnsOfCall, valuesOfCall } from './calls/call-spec.js';
import { type CallSpec, callKindOf } from './calls/registry.js';
import { errnoText } from './errno.js';
import { Gmem } from './gmem.js';
import { declareInvariants } from './invariants.js';
import { type Parts, partsOfKeys, writtenWorldWith } from './parts.js';
import type { Scenario, ScenarioActor } from './scenarios/scenario.js';
import type { Scheme } from './scheme.js';
import { isSchemeFile, loadScheme } from './scheme-lookup.js';
import { builtinSchemes } from './schemes/builtin-schemes.js';
import { stripesOfGmem } from './stripes.js';
import { declareFreeWork } from './world/free-work.js';
import { World } from './world/world.js';

/** Parameters of the model: a Scenario as plain JSON, and what `loadScheme` takes. */
export type GmemParameters = { scenario: ParameterValue; scheme: string };

/** guest_memfd under a scheme, in a scenario. */
export const gmemModel = defineModel<GmemParameters, Scheme>({
  name: 'guest_memfd',
  source: import.meta.url,
  repeatable: true,
  parameters: { scenario: null, scheme: 'v2-hook-every-fault' },
  registers: ({ scenario }) => registersOf(scenario as unknown as Scenario),
  load: ({ scheme }) => loadScheme(scheme),
  build(m, { scenario: plain, scheme: text }, scheme) {
    const scenario = plain as unknown as Scenario;
    const isOurs = !isSchemeFile(text.split('+')[0]);
    const world = new World(m, scenario, scheme, { isOurs, parts: partsFor(scenario) });
    const g = new Gmem(world);
    const routines = routinesOf(g);
    const gate = launchGate(scenario);
    for (const actor of scenario.actors) m.actor(actor.name, callsOf(g, actor, routines, gate));
    m.errors((result) => result < 0, errnoText);
    declareFreeWork(m, g);
    declareInvariants(m, world);
    const declaresOurs = world.isOurs || builtinSchemes.some(({ declare }) => declare === scheme.declare);
    vouchFor(m, stripesOfGmem(world, declaresOurs ? [] : world.declaredRegions));
  },
});

/** The model of a scenario under a scheme. */
export function gmem(scenario: Scenario, scheme: string): Model<GmemParameters> {
  return gmemModel.with({ scenario: scenario as unknown as ParameterValue, scheme });
}

/**
 * Refs that a call may hold: for each of its pages the gfn, the folio it finds, the one that is mapped, and a word of a
 * bitmap; and a few for what loops forget only when they go round.
 */
function registersOf({ actors }: Scenario): number {
  const pages = actors.flatMap(({ calls }) => calls.map(({ spec }) => gfnsOfCall(spec).length));
  return 8 + 4 * Math.max(...pages);
}

/** What every world has, and what the calls and the keys of this one need. */
function partsFor(scenario: Scenario): Parts {
  const specs = scenario.actors.flatMap(({ calls }) => calls.map(({ spec }) => spec));
  const needs = specs.flatMap(({ call: name }) => callKindOf(name).needs ?? []);
  return writtenWorldWith([...needs, ...partsOfKeys(scenario)]);
}

type CallRoutine = (...refs: Ref[]) => Routine<number>;
type Values = ReturnType<typeof valuesOfCall>;

/** Which refs a call gets, and where in their blocks its pages lie; a page a ref where there are no large folios. */
interface CallShape {
  readonly identities: readonly number[];
  /** The ref of each page, by its position, and the place in its block. */
  readonly places: readonly (readonly [ref: number, place: number])[];
}

function shapeOf(pages: readonly number[], inBlock: number): CallShape {
  const identities = [...new Set(pages.map((page) => Math.floor(page / inBlock)))];
  const places = pages.map((page) => [identities.indexOf(Math.floor(page / inBlock)), page % inBlock] as const);
  return { identities, places };
}

/** One function object for all calls that differ in their blocks alone, so that all actors share its automaton. */
function routinesOf(g: Gmem): (kind: CallKind, values: Values, shape: CallShape) => CallRoutine {
  const { large } = g;
  const made = new Map<string, CallRoutine>();
  return (kind, values, { places }) => {
    const key = [kind.name, ...Object.values(values), ...(large === undefined ? [] : places)].join(' ');
    const own = made.get(key) ?? kind.routine(g, values);
    const routine: CallRoutine =
      made.get(key) ??
      (large === undefined ? own : (...refs) => own(...places.map(([ref, at]) => large.gfn(refs[ref], at))));
    made.set(key, routine);
    return routine;
  };
}

type Routines = ReturnType<typeof routinesOf>;

function callsOf(g: Gmem, actor: ScenarioActor, routines: Routines, gate: readonly After[]): Call[] {
  return actor.calls.map((each, position) => {
    const constraints = [...(each.after ?? []), ...(actor.kind === 'vcpu' && position === 0 ? gate : [])];
    return after(constraints, callOf(g, each.spec, routines));
  });
}

function callOf({ gfns, large }: Gmem, spec: CallSpec, routines: Routines): Call {
  const pages = gfnsOfCall(spec);
  const range = pages.length === 1 ? `gfn ${pages[0]}` : `gfns ${pages[0]}-${pages.at(-1)}`;
  const kind = callKindOf(spec.call);
  const values = valuesOfCall(spec);
  const shape = shapeOf(pages, large?.inBlock ?? 1);
  const routine = routines(kind, values, shape) as (...refs: unknown[]) => Routine<number>;
  return call(kind.words(range, values), routine, ...shape.identities.map((block) => gfns.id(block)));
}

/** With the gate on, vCPUs run only after the whole launch (KVM_SEV_SNP_LAUNCH_FINISH, TDX finalize). */
function launchGate({ gate, actors }: Scenario): After[] {
  if (!gate) return [];
  return actors.flatMap(({ calls }, actor) => {
    const last = calls.findLastIndex(({ spec }) => callKindOf(spec.call).launches);
    return last < 0 ? [] : [{ actor, calls: last + 1 }];
  });
}
