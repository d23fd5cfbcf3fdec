/**
 * guest_memfd as it is built: the world of a scenario under a scheme, declared to a model's builder. It loads nothing, so it
 * runs in a browser too. Imported by the model and by the engine in pages.
 */

import { ModelError } from '../core/errors.js';
import type { Ref } from '../core/ops/ref.js';
import type { Routine } from '../core/ops/routine.js';
import type { After } from '../core/program/program.js';
import { after, type Call, call } from '../core/program/program-builder.js';
import { vouchFor } from '../core/program/stripes.js';
import type { ModelBuilder } from '../model/model-builder.js';
import type { CallKind } from './calls/call-kind.js';
import { gfnsOfCall, namesGfns, pagesOfCall, valuesOfCall } from './calls/call-spec.js';
import { declareFileTasks, throughFile } from './calls/file-end.js';
import { runningGuest } from './calls/guest-identity.js';
import { linkCall } from './calls/link.js';
import { type CallSpec, callKindOf } from './calls/registry.js';
import { inTdState } from './calls/td-state.js';
import { errnoText } from './errno.js';
import { Gmem } from './gmem.js';
import { declareInvariants } from './invariants.js';
import { type Parts, partsOfKeys, writtenWorldWith } from './parts.js';
import type { Scenario, ScenarioActor, ScenarioCall, Slot } from './scenarios/scenario.js';
import { slotShowing } from './scenarios/slots.js';
import type { Scheme } from './scheme.js';
import { builtinSchemes } from './schemes/builtin-schemes.js';
import { stripesOfGmem } from './stripes.js';
import type { File } from './world/file.js';
import { declareFreeWork } from './world/free-work.js';
import { shownRef } from './world/shown.js';
import { World } from './world/world.js';

/** Declares a scenario under a scheme. `isOurs`: the scheme is none of a user's file. */
export function buildGmem(m: ModelBuilder, scenario: Scenario, scheme: Scheme, isOurs: boolean): void {
  const world = new World(m, scenario, scheme, {
    ...{ isOurs, parts: partsFor(scenario), mapped: mappedFiles(scenario) },
    guestComesLater: (vm) => getsGuest(scenario, vm),
    linked: linkedFiles(scenario),
  });
  if (world.parts.memslots) refuseBesideSlots(scenario);
  const g = new Gmem(world);
  const views = world.files.map((file) => {
    const view = file === g.file ? g : g.with({ file });
    return { view, routines: routinesOf(view), gate: launchGate(world, file) };
  });
  for (const actor of scenario.actors) {
    const { view, routines, gate } = views[actor.file ?? 0];
    m.actor(actor.name, callsOf(view, actor, routines, gate));
  }
  m.errors((result) => result < 0, errnoText);
  declareFreeWork(m, g);
  declareFileTasks(m, g);
  declareInvariants(m, world);
  // Of worlds with memslots or changes of them, of several files, of files that are closed, of TDs and of devices nothing is vouched for: on real
  // threads every step then excludes every other.
  const { tdPage, fileEnds, memslots, devices, trustedDevices } = world.parts;
  if (scenario.slots !== undefined || world.files.length > 1 || fileEnds || tdPage || memslots) return;
  if (devices || trustedDevices) return;
  const declaresOurs = world.isOurs || builtinSchemes.some(({ declare }) => declare === scheme.declare);
  vouchFor(m, stripesOfGmem(world, declaresOurs ? [] : world.declaredRegions));
}

/**
 * Refs that a call may hold: for each of its pages the gfn, the folio it finds, the one that is mapped, and a word of a
 * bitmap; and a few for what loops forget only when they go round.
 */
export function registersOfGmem(scenario: Scenario): number {
  const specs = scenario.actors.flatMap(({ calls }) => calls.map(({ spec }) => spec));
  const pages = specs.map((spec) => gfnsOfCall(spec).length);
  const { fileEnds, memslots } = partsFor(scenario);
  if (fileEnds || memslots) pages.push(scenario.gfns);
  return 8 + 4 * Math.max(0, ...pages);
}

/** What is modelled of memslots that change, and what of the rest goes with it. */
function refuseBesideSlots({ actors, conversion, maxOrder }: Scenario): void {
  const specs = actors.flatMap(({ calls }) => calls.map(({ spec }) => spec));
  const keeping = specs.find(({ call: name }) => callKindOf(name).keepsSlots);
  let beside = keeping && `the call ${keeping.call}`;
  if (conversion === 'vm-attributes') beside = 'VM attributes';
  if (maxOrder !== undefined) beside = 'large folios';
  if (beside === undefined) return;
  const changing = specs.find(({ call: name }) => callKindOf(name).changesSlots)!;
  throw new ModelError(`${changing.call} changes memslots, beside which there is no model of ${beside}`);
}

/** Whether some call of a scenario gives a VM its guest. */
function getsGuest({ actors, files = [] }: Scenario, vm: number): boolean {
  const ofVm = actors.filter(({ file = 0 }) => (files[file]?.vm ?? 0) === vm);
  return ofVm.some(({ calls }) => calls.some(({ spec }) => callKindOf(spec.call).needs?.includes('asids')));
}

/** The files that some call of a scenario makes. */
function linkedFiles({ actors }: Scenario): readonly number[] {
  const isLink = ({ spec }: ScenarioCall) => callKindOf(spec.call) === linkCall;
  return actors.filter(({ calls }) => calls.some(isLink)).map(({ file = 0 }) => file);
}

/** What every world has, and what the calls and the keys of this one need. */
function partsFor(scenario: Scenario): Parts {
  const specs = scenario.actors.flatMap(({ calls }) => calls.map(({ spec }) => spec));
  const needs = specs.flatMap(({ call: name }) => callKindOf(name).needs ?? []);
  const zapsAll = needs.includes('memslots') && isOfDefaultType(scenario, specs) ? (['zapsAllRoots'] as const) : [];
  return writtenWorldWith([...needs, ...partsOfKeys(scenario), ...zapsAll]);
}

/** Whether a VM is of the default type: it has no private memory, and never gets any. */
function isOfDefaultType({ arch, attributes }: Scenario, specs: readonly CallSpec[]): boolean {
  const converts = specs.some(({ call: name }) => 'to' in callKindOf(name).takes);
  return arch === 'none' && !converts && !attributes.includes('private');
}

/** The files that somebody on the host comes to by a mapping. */
function mappedFiles({ actors }: Scenario): readonly number[] {
  const byMapping = ({ spec }: ScenarioCall) => callKindOf(spec.call).through === 'mapping';
  return actors.filter(({ calls }) => calls.some(byMapping)).map(({ file = 0 }) => file);
}

type CallRoutine = (...refs: Ref[]) => Routine<number>;
type Values = ReturnType<typeof valuesOfCall>;

/** Which refs a call gets, and where in their blocks its pages lie; a page a ref where there are no large folios. */
interface CallShape {
  readonly identities: readonly number[];
  /** The ref of each page, by its position, and the place in its block. */
  readonly places: readonly (readonly [ref: number, place: number])[];
  /** Where there are memslots: of each ref, the slots that show the pages of its block, and the slot of a call that names gfns. */
  readonly shown?: readonly (readonly (Slot | undefined)[])[];
  readonly slot?: Slot | undefined;
}

function shapeOf({ scenario, large, parts }: Gmem, spec: CallSpec): CallShape {
  const inBlock = large?.inBlock ?? 1;
  const { slots } = scenario;
  const named = pagesOfCall(scenario, spec);
  const pages = named === undefined ? undefined : pagesAround(scenario, spec, named);
  if (pages === undefined) throw new ModelError(unshownSentence(spec));
  // Who drops the last reference of a file truncates its inode.
  const whole = parts.fileEnds ? Array.from({ length: scenario.gfns }, (_, page) => page) : [];
  const identities = [...new Set([...pages, ...whole].map((page) => Math.floor(page / inBlock)))];
  const places = pages.map((page) => [identities.indexOf(Math.floor(page / inBlock)), page % inBlock] as const);
  if (slots === undefined) return { identities, places };
  const inBlocks = Array.from({ length: inBlock }, (_, place) => place);
  const shown = identities.map((block) => inBlocks.map((place) => slotShowing(slots, block * inBlock + place)));
  return { identities, places, shown, slot: namesGfns(scenario, spec.call) ? slotShowing(slots, pages[0]) : undefined };
}

/** The pages that a call is about: those that it names, or all of its memslot. */
function pagesAround({ slots, gfns }: Scenario, spec: CallSpec, named: readonly number[]): readonly number[] {
  if (callKindOf(spec.call).changesSlots !== true) return named;
  const { index, pages } = slots === undefined ? { index: 0, pages: gfns } : slotShowing(slots, named[0])!;
  return Array.from({ length: pages }, (_, page) => index + page);
}

function unshownSentence({ call: name, gfn }: CallSpec): string {
  return `${name} of gfn ${gfn}: no memslot of the scenario shows all of its gfns`;
}

/** The refs to its pages that a call of a shape hands on, given those to their blocks; none where a block is its page. */
function refsToPages(
  { large, parts }: Gmem,
  { places, shown }: CallShape,
): ((refs: readonly Ref[]) => readonly Ref[]) | undefined {
  if (large === undefined && shown === undefined && !parts.fileEnds) return undefined;
  return (refs) => places.map(([block, place]) => refOfPage(large, shown, refs, block, place));
}

/** The ref to one page, given those to the blocks of the call. */
function refOfPage(
  large: Gmem['large'],
  shown: CallShape['shown'],
  refs: readonly Ref[],
  block: number,
  place: number,
): Ref {
  if (shown !== undefined) return shownRef(refs[block], place, shown[block]);
  return large === undefined ? refs[block] : large.gfn(refs[block], place);
}

/** One function object for all calls that differ in their blocks alone, so that all actors share its automaton. */
function routinesOf(g: Gmem): (kind: CallKind, values: Values, shape: CallShape) => CallRoutine {
  const { slots = [] } = g.scenario;
  const made = new Map<string, CallRoutine>();
  return (kind, values, shape) => {
    const toPages = refsToPages(g, shape);
    const shown = shape.shown?.map((block) => block.map((slot) => (slot === undefined ? '-' : slots.indexOf(slot))));
    const whole = g.parts.fileEnds ? ['whole', ...shape.identities] : [];
    const places = toPages === undefined ? [] : shape.places;
    const key = [kind.name, ...Object.values(values), ...places, ...(shown ?? []), ...whole];
    const known = made.get(key.join(' '));
    if (known !== undefined) return known;
    const view = shape.slot === undefined ? g : g.with({ slot: shape.slot });
    const own = g.parts.fileEnds ? undefined : kind.routine(view, values);
    let routine: CallRoutine;
    if (own === undefined) {
      routine = (...refs) => throughFile(view, kind, values, toPages!(refs), wholeInode(g, shape, refs));
    } else {
      routine = toPages === undefined ? own : (...refs) => own(...toPages(refs));
    }
    made.set(key.join(' '), routine);
    return routine;
  };
}

/** All pages of the inode, given refs to all of its blocks, in their order. */
function wholeInode(g: Gmem, { identities, shown }: CallShape, refs: readonly Ref[]): readonly Ref[] {
  const inBlock = g.large?.inBlock ?? 1;
  return Array.from({ length: g.scenario.gfns }, (_, page) => {
    const block = identities.indexOf(Math.floor(page / inBlock));
    return refOfPage(g.large, shown, refs, block, page % inBlock);
  });
}

type Routines = ReturnType<typeof routinesOf>;

function callsOf(g: Gmem, actor: ScenarioActor, routines: Routines, gate: readonly After[]): Call[] {
  return actor.calls.map((each, position) => {
    const constraints = [...(each.after ?? []), ...(actor.kind === 'vcpu' && position === 0 ? gate : [])];
    return after(constraints, callOf(g, each.spec, routines));
  });
}

function callOf(g: Gmem, spec: CallSpec, routines: Routines): Call {
  const named = callKindOf(spec.call);
  const running = named.by === 'vcpu' && g.parts.asids ? runningGuest(named) : named;
  const kind = g.parts.tdState ? inTdState(running) : running;
  const values = valuesOfCall(spec);
  const shape = shapeOf(g, spec);
  const routine = routines(kind, values, shape) as (...refs: unknown[]) => Routine<number>;
  return call(
    kind.words(`${rangeText(g.scenario, spec)}${ownerText(g, spec)}`, values),
    routine,
    ...shape.identities.map((block) => g.gfns.id(block)),
  );
}

/** `gfn 3`, `gfns 0-2`; where gfns and pages of the file differ, `index 3` and `indexes 0-2` for a call about the file. */
function rangeText(scenario: Scenario, spec: CallSpec): string {
  const pages = gfnsOfCall(spec);
  if (pages.length === 0) return '';
  const isFile = scenario.slots !== undefined && !namesGfns(scenario, spec.call);
  const [one, several] = isFile ? ['index', 'indexes'] : ['gfn', 'gfns'];
  return pages.length === 1 ? `${one} ${pages[0]}` : `${several} ${pages[0]}-${pages.at(-1)}`;
}

/** Where there are several files: whose gfns or pages these are. */
function ownerText({ world, scenario, file }: Gmem, spec: CallSpec): string {
  if (world.files.length === 1) return '';
  if (namesGfns(scenario, spec.call)) return ` of VM ${world.vms.indexOf(file.vm)}`;
  return ` of file ${world.files.indexOf(file)}`;
}

/** With the gate on, the vCPUs of a VM run only after its whole launch (KVM_SEV_SNP_LAUNCH_FINISH, TDX finalize). */
function launchGate({ scenario: { gate, actors }, files }: World, { vm }: File): After[] {
  if (!gate) return [];
  return actors.flatMap(({ calls, file = 0 }, actor) => {
    if (files[file].vm !== vm) return [];
    const last = calls.findLastIndex(({ spec }) => callKindOf(spec.call).launches);
    return last < 0 ? [] : [{ actor, calls: last + 1 }];
  });
}
