/**
 * Scenarios around a finding: cuts what a live run did around a broken folio out of the world it ran in, as small
 * scenarios that a controlled engine can search.
 *
 * What a live run tells of the past has no schedule: only who made which calls last, and on what. So there are several
 * cuts, the smallest first: fewer calls before the last ones, and only those on the gfns of the broken folio; then all
 * that is remembered. Pure; used by the command line.
 */

import { callOnto, gfnsOfCall, pagesOfCall } from '../calls/call-spec.js';
import { pagesOfInodes } from './files.js';
import type { CallSpec, Scenario, ScenarioActor, ScenarioCall } from './scenario.js';

/** A call that an actor of the world made. */
export interface WorldCall {
  /** Position in the actor's script. */
  readonly call: number;
  /** The gfns it was made on, ascending; where there are memslots, the pages of the file. */
  readonly gfns: readonly number[];
}

/** The same as a live run tells it: by the identities that were drawn, which are blocks of gfns where folios may be large. */
export interface DrawnCall {
  readonly call: number;
  readonly identities: readonly number[];
}

/** The last calls of one actor of the world, oldest first, the one under way among them. */
export interface MadeCalls {
  /** Position among the actors of the world. */
  readonly actor: number;
  readonly calls: readonly WorldCall[];
}

/** A cut. */
export interface ScenarioCut {
  /** What was kept, in words. */
  readonly what: string;
  readonly scenario: Scenario;
}

/** How many calls an actor keeps, from the last one backwards. */
const LENGTHS = [1, 2, 3, 4, 6, 8] as const;

/**
 * Cuts scenarios out of a world, smallest first, each once.
 *
 * @param made what each actor did last
 * @param broken the gfns that the violation is about; empty: not known
 */
export function scenariosAround(
  world: Scenario,
  made: readonly MadeCalls[],
  broken: readonly number[],
): readonly ScenarioCut[] {
  const all = [...new Set(made.flatMap(({ calls }) => calls.flatMap(({ gfns }) => gfns)))];
  const sets = broken.length === 0 ? [all] : [broken, all];
  const cuts = new Map<string, ScenarioCut>();
  for (const length of LENGTHS) {
    for (const gfns of sets) {
      const near = new Set(gfns);
      const kept = made.map(({ actor, calls }) => ({
        actor,
        calls: calls.filter(({ gfns: own }) => own.length === 0 || own.some((gfn) => near.has(gfn))).slice(-length),
      }));
      for (const cut of cutsOf(world, kept, length)) {
        const key = JSON.stringify(cut.scenario);
        if (!cuts.has(key)) cuts.set(key, cut);
      }
    }
  }
  return [...cuts.values()];
}

/** A call that an actor of the world made in a live run: its place within a block is that of the script. */
export function worldCallOf(world: Scenario, actor: number, { call, identities }: DrawnCall): WorldCall {
  const { spec } = world.actors[actor].calls[call];
  if (world.slots !== undefined) return { call, gfns: pagesOfCall(world, spec) ?? [] };
  const inBlock = pagesInBlock(world);
  return { call, gfns: gfnsOfCall({ ...spec, gfn: identities[0] * inBlock + (spec.gfn % inBlock) }) };
}

/** All gfns, or pages of the file, that identities of a live run stand for. */
export function gfnsOfIdentities(world: Scenario, identities: readonly number[]): readonly number[] {
  const inBlock = pagesInBlock(world);
  return identities.flatMap((block) => Array.from({ length: inBlock }, (_, place) => block * inBlock + place));
}

function pagesInBlock({ maxOrder = 0 }: Scenario): number {
  return 2 ** maxOrder;
}

/** The scenario with the calls of each actor that are kept, by position, and without what nobody uses any more. */
export function keepScenarioCalls(scenario: Scenario, kept: readonly (readonly number[])[]): Scenario {
  const made = scenario.actors.map(({ calls }, actor) => ({
    actor,
    calls: kept[actor].map((call) => ({ call, gfns: gfnsOfCall(calls[call].spec) })),
  }));
  return cut(scenario, made, scenario.attributes);
}

/** With the attributes that the world began with, and with those that make the first conversions change something. */
function cutsOf(world: Scenario, made: readonly MadeCalls[], length: number): ScenarioCut[] {
  const calls = made.reduce((sum, each) => sum + each.calls.length, 0);
  if (calls === 0) return [];
  const what = `the last ${length === 1 ? 'call' : `${length} calls`} of each actor`;
  const before = attributesBefore(world, made);
  const cuts = [{ what, scenario: cut(world, made, world.attributes) }];
  if (before.some((attribute, gfn) => attribute !== world.attributes[gfn])) {
    cuts.push({ what: `${what}, as if converted before`, scenario: cut(world, made, before) });
  }
  return cuts;
}

/** Attributes under which the first conversion of each gfn that is kept is one. */
function attributesBefore(world: Scenario, made: readonly MadeCalls[]): Scenario['attributes'] {
  const attributes = [...world.attributes];
  const seen = new Set<number>();
  for (const { actor, calls } of made) {
    for (const { call, gfns } of calls) {
      const { spec } = world.actors[actor].calls[call];
      if (!('to' in spec)) continue;
      for (const gfn of gfns) {
        if (!seen.has(gfn)) attributes[gfn] = spec.to === 'shared' ? 'private' : 'shared';
        seen.add(gfn);
      }
    }
  }
  return attributes;
}

function cut(world: Scenario, made: readonly MadeCalls[], attributes: Scenario['attributes']): Scenario {
  if (world.slots !== undefined) return cutInSlots(world, made, attributes);
  const inBlock = pagesInBlock(world);
  const blockOf = (gfn: number) => gfnsOfIdentities(world, [Math.floor(gfn / inBlock)]);
  const touched = made.flatMap(({ calls }) => calls.flatMap(({ gfns }) => gfns));
  const used = [...new Set(touched.flatMap(blockOf))].sort((a, b) => a - b);
  const place = new Map(used.map((gfn, index) => [gfn, index]));
  const actors = made.flatMap(({ actor, calls }): ScenarioActor[] => {
    const { calls: script, ...whose } = world.actors[actor];
    const moved = calls.map(({ call, gfns }): ScenarioCall => ({ spec: movedTo(script[call].spec, gfns, place) }));
    return moved.length === 0 ? [] : [{ ...whose, calls: moved }];
  });
  const gfns = Math.max(inBlock, used.length);
  const least = pagesOfInodes(gfns, world.files);
  const spare = world.frames - pagesOfInodes(world.gfns, world.files);
  return {
    ...world,
    name: `${withoutSuffix(world.name)}-cut`,
    title: `what a live run of ${withoutSuffix(world.name)} did around a finding`,
    ...{ gfns, frames: least + Math.min(spare, gfns), actors },
    attributes:
      used.length === 0
        ? world.attributes.slice(0, inBlock).map(() => world.attribute)
        : used.map((gfn) => attributes[gfn]),
    // In a live run nobody waits for the launch: the calls of a vCPU come round again and again.
    gate: false,
  };
}

/** The same where there are memslots: a live run makes each call on its own pages, and the file stays as it is. */
function cutInSlots(world: Scenario, made: readonly MadeCalls[], attributes: Scenario['attributes']): Scenario {
  const actors = made.flatMap(({ actor, calls }): ScenarioActor[] => {
    const { calls: script, ...whose } = world.actors[actor];
    const kept = calls.map(({ call }): ScenarioCall => ({ spec: script[call].spec }));
    return kept.length === 0 ? [] : [{ ...whose, calls: kept }];
  });
  const ofName = withoutSuffix(world.name);
  const title = `what a live run of ${ofName} did around a finding`;
  return { ...world, name: `${ofName}-cut`, title, actors, attributes, gate: false };
}

function movedTo(spec: CallSpec, gfns: readonly number[], place: ReadonlyMap<number, number>): CallSpec {
  return callOnto(spec, place.get(gfns[0]) ?? 0, gfns.length);
}

/** Cuts of cuts keep their name. */
function withoutSuffix(name: string): string {
  return name.replace(/-cut$/, '');
}
