/**
 * Recorded model: a recorded trace as a model: the calls that its tasks made, in a world that has all that a recording shows.
 * Imported by who holds traces against schemes.
 */

import type { Observation } from '../../conform/observed.js';
import type { Cell } from '../../core/ops/cell.js';
import type { Layout } from '../../core/ops/layout.js';
import { type Routine, tracepoint } from '../../core/ops/routine.js';
import type { Program } from '../../core/program/program.js';
import { type Call, call } from '../../core/program/program-builder.js';
import { defineModel, type Model } from '../../model/model.js';
import { setVmAttributes } from '../calls/convert.js';
import { allocate, punchHole } from '../calls/fallocate.js';
import { zapMemslot } from '../calls/flush-shadow.js';
import { attributeIs, ordinaryPageFault } from '../calls/ordinary-fault.js';
import { tdpMmuPageFault } from '../calls/page-fault.js';
import { createSlot, deleteSlot, faultBySlot, loadRoot } from '../calls/slot-change.js';
import { userFault } from '../calls/user-mapping.js';
import { Gmem } from '../gmem.js';
import { type Parts, RECORDED_WORLD } from '../parts.js';
import type { Scenario } from '../scenarios/scenario.js';
import type { Gfn, Scheme } from '../scheme.js';
import { declareFreeWork } from '../world/free-work.js';
import { World } from '../world/world.js';
import { observationOf, rangeOf } from './observe.js';
import type { Recorded } from './recorded.js';
import type { RecordedCall } from './recorded-call.js';
import { accessTasks, type LoggedAccess } from './user-log.js';

/** A model of a recorded run. */
export interface RecordedModel {
  readonly model: Model;
  /** The recording as a program observes it that the model was compiled to. */
  observation(program: Program): Observation;
}

/**
 * The model of a recorded run under a scheme.
 *
 * @param parts of its world: all that a recording shows, unless it is to be shown what a part is for
 */
export function recordedModel(
  recorded: Recorded,
  scheme: Scheme,
  accesses: readonly LoggedAccess[] = [],
  parts: Parts = RECORDED_WORLD,
): RecordedModel {
  // A model may be built several times for one program: which world is the program's, its layout says.
  const worlds = new WeakMap<Layout, Gmem>();
  const scenario = scenarioOf(recorded);
  const model = defineModel({
    name: 'recorded',
    source: import.meta.url,
    registers: registersOf(recorded),
    build(m) {
      const slotChanges = recorded.tasks.some(({ calls }) => calls.some((each) => each.call === 'delete-slot'));
      const g = new Gmem(new World(m, scenario, scheme, { isOurs: true, parts: { ...parts, slotChanges } }));
      worlds.set(m.layout, g);
      m.layout.setInitial(g.rangeStart.region.base, rangeOf(recorded, 0));
      m.layout.setInitial(g.rangeEnd.region.base, rangeOf(recorded, 0));
      const callOf = callsOf(g, recorded);
      for (const { name, calls } of recorded.tasks) m.actor(name, calls.map(callOf));
      // A program has actors; a trace that is not looked at from its first line on has no tasks.
      if (recorded.tasks.length === 0) m.actor('nobody', [call('no call', nothing)]);
      declareFreeWork(m, g);
      // What a task does in user mode, or in the guest, leaves no trace there: it is by an actor of its own.
      for (const pid of accessTasks(accesses)) {
        const own = accesses.filter((each) => each.pid === pid);
        m.actor(
          `accesses of ${pid}`,
          own.map(() => call('access', accessed)),
        );
      }
    },
  });
  return {
    model,
    observation({ layout }) {
      const world = worlds.get(layout);
      if (world === undefined) throw new Error('a recording is observed in a program of its own model');
      return observationOf(recorded, world, accesses);
    },
  };
}

/** The marks around an access; what it does there the observer says. */
function* accessed(): Routine {
  yield* tracepoint('access begins');
  yield* tracepoint('access ends');
}

/** What makes a call of the model of a recorded one. */
function callsOf(g: Gmem, { pages }: Recorded): (recorded: RecordedCall) => Call {
  const sptes = g.ordinarySptes!;
  const fault = (gfn: Gfn) => recordedFault(g, gfn, undefined, sptes.at(gfn));
  const faults = [false, true].map((isPrivate) => (gfn: Gfn) => recordedFault(g, gfn, isPrivate, sptes.at(gfn)));
  const ordinary = (gfn: Gfn) => forgetting(g, ordinaryPageFault(g, gfn, sptes.at(gfn)));
  const openly = (gfn: Gfn) => forgetting(g, ordinaryPageFault(g, gfn, undefined));
  const user = (gfn: Gfn) => userFault(g, gfn);
  const set = [false, true].map(
    (isPrivate) =>
      (...gfns: Gfn[]) =>
        setVmAttributes(g, isPrivate ? 'private' : 'shared', gfns),
  );
  const punch = (...gfns: Gfn[]) => punchHole(g, gfns);
  const fill = (...gfns: Gfn[]) => allocate(g, gfns);
  const zapping = (...gfns: Gfn[]) => deleteSlot(g, gfns, () => zapMemslot(g, gfns));
  const obsoleting = (...gfns: Gfn[]) => deleteSlot(g, gfns);
  const binding = () => createSlot(g, 'first');
  const committing = () => createSlot(g, 'last');
  const points = new Map<string, () => Routine>();
  const range = (name: string, routine: (...gfns: Gfn[]) => Routine<number>, first: number, count: number): Call => {
    const pages = Array.from({ length: count }, (_, k) => g.gfns.id(first + k));
    return call(`${name} of page ${first}`, routine as (...gfns: unknown[]) => Routine<number>, ...pages);
  };
  return (each) => {
    switch (each.call) {
      case 'point': {
        const { name } = each;
        const point = points.get(name) ?? (() => pointOf(g, name));
        points.set(name, point);
        return call(name, point);
      }
      case 'fault':
        return call(
          `fault on page ${each.page}`,
          each.isPrivate === undefined ? fault : faults[Number(each.isPrivate)],
          g.gfns.id(each.page),
        );
      case 'ordinary-fault':
        return call('fault on ordinary memory', each.isOpen ? openly : ordinary, g.gfns.id(each.page));
      case 'user-fault':
        return call(`user fault on page ${each.page}`, user, g.gfns.id(each.page));
      case 'set-attributes':
        return range('set attributes', set[Number(each.isPrivate)], each.first, each.count);
      case 'punch':
        return range('punch hole', punch, each.first, each.count);
      case 'allocate':
        return range('allocate', fill, each.first, each.count);
      case 'delete-slot':
        return range('delete the memslot', each.flushes === 'leaves' ? zapping : obsoleting, 0, pages);
      case 'create-slot':
        return call('make the memslot again', each.binds === 'first' ? binding : committing);
      case 'none':
        return call('no call', nothing);
    }
  };
}

function* nothing(): Routine {}

/** A mark by itself; a vCPU that enters the guest has loaded a root before. */
function* pointOf(g: Gmem, name: string): Routine {
  if (name === 'kvm_entry') yield* loadRoot(g);
  yield* tracepoint(name);
}

/**
 * A vCPU's fault on a page of the file's memslot. In a VM with attributes kvm_mmu_do_page_fault() asks the attribute whether
 * it is private, before anything else; the trace may say what it was told. What is not private there is other memory.
 */
function* recordedFault(g: Gmem, gfn: Gfn, isPrivate: boolean | undefined, spte: Cell): Routine<number> {
  const isOrdinary = function* (): Routine<boolean> {
    if (g.scenario.conversion !== 'vm-attributes') return false;
    if (isPrivate === undefined) return !(yield* g.isPrivate(gfn));
    yield* attributeIs(g, gfn, isPrivate);
    return !isPrivate;
  };
  if (yield* isOrdinary()) return yield* forgetting(g, ordinaryPageFault(g, gfn, spte, true));
  const isOfGuest = g.scenario.conversion === 'vm-attributes';
  return yield* forgetting(
    g,
    faultBySlot(g, gfn, isOfGuest, () => tdpMmuPageFault(g, gfn, isOfGuest)),
  );
}

/** What a fault had sampled matters to nobody once it is over; states that differ in nothing else are one. */
function* forgetting(g: Gmem, fault: Routine<number>): Routine<number> {
  const result = yield* fault;
  yield* g.invalidateSeq.forget();
  return result;
}

function scenarioOf({ pages, ordinary, frames, tasks, hasAttributes }: Recorded): Scenario {
  const gfns = pages + ordinary.size;
  return {
    name: 'recorded',
    title: '',
    arch: 'none',
    gfns,
    frames: Math.max(frames.size + tasks.length, 1),
    attribute: 'shared',
    attributes: Array.from({ length: gfns }, () => 'shared' as const),
    conversion: hasAttributes ? 'vm-attributes' : 'in-place',
    gate: false,
    hookFails: false,
    allocationFails: false,
    actors: [],
  };
}

/** Refs that a call may hold: for each of its pages the gfn and the folio that it finds, and a few besides. */
function registersOf({ tasks, pages: all }: Recorded): number {
  const countOf = (each: RecordedCall) => ('count' in each ? each.count : 1);
  const pages = tasks.flatMap(({ calls }) => calls.map((each) => (each.call === 'delete-slot' ? all : countOf(each))));
  return 8 + 4 * Math.max(1, ...pages);
}
