/**
 * The guest_memfd model: a scenario and a scheme made into a model that every engine runs. It is an ordinary
 * `defineModel` whose parameters are the scenario (plain JSON) and the scheme's name.
 */

import type { Domain, Identity } from '../core/ops/ref.js';
import type { Routine } from '../core/ops/routine.js';
import type { After } from '../core/program/program.js';
import { after, type Call, call } from '../core/program/program-builder.js';
import { vouchFor } from '../core/program/stripes.js';
import { defineModel, type Model, type ParameterValue } from '../model/model.js';
import { convert } from './calls/convert.js';
import { allocate, punchHole } from './calls/fallocate.js';
import { guestAccess } from './calls/page-fault.js';
import { hostAccess, munmap, pin, unpin, userFault } from './calls/user-mapping.js';
import { Gmem } from './gmem.js';
import { declareInvariants } from './invariants.js';
import type { CallSpec, Scenario, ScenarioActor } from './scenarios/scenario.js';
import type { Gfn, Scheme } from './scheme.js';
import { isSchemeFile, loadScheme } from './scheme-lookup.js';
import { builtinSchemes } from './schemes/builtin-schemes.js';
import { stripesOfGmem } from './stripes.js';
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
    const world = new World(m, scenario, scheme, { isOurs: !isSchemeFile(text.split('+')[0]) });
    const g = new Gmem(world);
    const routines = routinesOf(g);
    const gate = launchGate(scenario);
    for (const actor of scenario.actors) m.actor(actor.name, callsOf(g, actor, routines, gate));
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
  const pages = actors.flatMap(({ calls }) => calls.map(({ spec }) => ('count' in spec ? spec.count : 1)));
  return 8 + 4 * Math.max(...pages);
}

/** One function object per kind of call, so that all actors share its automaton. */
function routinesOf(g: Gmem) {
  const guest = (event: 'GUEST_READ' | 'GUEST_WRITE', isPrivate: boolean) => (gfn: Gfn) =>
    guestAccess(g, event, isPrivate, gfn);
  return {
    read: { private: guest('GUEST_READ', true), shared: guest('GUEST_READ', false) },
    write: { private: guest('GUEST_WRITE', true), shared: guest('GUEST_WRITE', false) },
    'host-read': (gfn: Gfn) => hostAccess(g, 'HOST_READ', gfn),
    'host-write': (gfn: Gfn) => hostAccess(g, 'HOST_WRITE', gfn),
    'user-fault': (gfn: Gfn) => userFault(g, gfn),
    munmap: (gfn: Gfn) => munmap(g, gfn),
    pin: (gfn: Gfn) => pin(g, gfn),
    unpin: (gfn: Gfn) => unpin(g, gfn),
    'punch-hole': (...gfns: Gfn[]) => punchHole(g, gfns),
    allocate: (...gfns: Gfn[]) => allocate(g, gfns),
    populate: (...gfns: Gfn[]) => g.scheme.populate(g, gfns),
    convert: {
      private: (...gfns: Gfn[]) => convert(g, 'private', gfns),
      shared: (...gfns: Gfn[]) => convert(g, 'shared', gfns),
    },
  };
}

type Routines = ReturnType<typeof routinesOf>;

function callsOf(g: Gmem, actor: ScenarioActor, routines: Routines, gate: readonly After[]): Call[] {
  return actor.calls.map((each, position) => {
    const constraints = [...(each.after ?? []), ...(actor.kind === 'vcpu' && position === 0 ? gate : [])];
    return after(constraints, callOf(g.gfns, each.spec, routines));
  });
}

function callOf(gfns: Domain & { id(index: number): Identity }, spec: CallSpec, routines: Routines): Call {
  const last = spec.gfn + ('count' in spec ? spec.count : 1) - 1;
  const ids = Array.from({ length: last - spec.gfn + 1 }, (_, k) => gfns.id(spec.gfn + k));
  const range = ids.length === 1 ? `gfn ${spec.gfn}` : `gfns ${spec.gfn}-${last}`;
  const name = `${spec.call.replace('-', ' ')} ${range}`;
  return call(nameOf(name, spec), routineOf(spec, routines) as (...gfns: unknown[]) => Routine<number>, ...ids);
}

function nameOf(name: string, spec: CallSpec): string {
  return spec.call === 'convert' ? `${name} to ${spec.to}` : name;
}

function routineOf(spec: CallSpec, routines: Routines): (...gfns: Gfn[]) => Routine<number> {
  if (spec.call === 'read' || spec.call === 'write') return routines[spec.call][spec.as];
  if (spec.call === 'convert') return routines.convert[spec.to];
  return routines[spec.call];
}

/** With the gate on, vCPUs run only after every populate call (KVM_SEV_SNP_LAUNCH_FINISH, TDX finalize). */
function launchGate({ gate, actors }: Scenario): After[] {
  if (!gate) return [];
  return actors.flatMap(({ calls }, actor) => {
    const last = calls.findLastIndex(({ spec }) => spec.call === 'populate');
    return last < 0 ? [] : [{ actor, calls: last + 1 }];
  });
}
