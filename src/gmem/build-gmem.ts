/**
 * guest_memfd as it is built: the world of a scenario under a scheme, declared to a model's builder. It loads nothing, so it
 * runs in a browser too. Imported by the model and by the engine in pages.
 */

import type { Ref } from '../core/ops/ref.js';
import type { Routine } from '../core/ops/routine.js';
import type { After } from '../core/program/program.js';
import { after, type Call, call } from '../core/program/program-builder.js';
import { vouchFor } from '../core/program/stripes.js';
import type { ModelBuilder } from '../model/model-builder.js';
import type { CallKind } from './calls/call-kind.js';
import { gfnsOfCall, valuesOfCall } from './calls/call-spec.js';
import { type CallSpec, callKindOf } from './calls/registry.js';
import { errnoText } from './errno.js';
import { Gmem } from './gmem.js';
import { declareInvariants } from './invariants.js';
import { type Parts, partsOfKeys, writtenWorldWith } from './parts.js';
import type { Scenario, ScenarioActor } from './scenarios/scenario.js';
import type { Scheme } from './scheme.js';
import { builtinSchemes } from './schemes/builtin-schemes.js';
import { stripesOfGmem } from './stripes.js';
import { declareFreeWork } from './world/free-work.js';
import { World } from './world/world.js';

/** Declares a scenario under a scheme. `isOurs`: the scheme is none of a user's file. */
export function buildGmem(m: ModelBuilder, scenario: Scenario, scheme: Scheme, isOurs: boolean): void {
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
}

/**
 * Refs that a call may hold: for each of its pages the gfn, the folio it finds, the one that is mapped, and a word of a
 * bitmap; and a few for what loops forget only when they go round.
 */
export function registersOfGmem({ actors }: Scenario): number {
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
