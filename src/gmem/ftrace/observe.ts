/**
 * Observe: a recorded trace as a model and its observation: the calls that its tasks made, and what each event says of the
 * state in which its mark is passed. Imported by the verb `conform` and the library.
 */

import type { EventsToCome, LaterStep, Look, Observation, ObservedEvent } from '../../conform/observed.js';
import type { Cell } from '../../core/ops/cell.js';
import { type Routine, tracepoint } from '../../core/ops/routine.js';
import { type Call, call } from '../../core/program/program-builder.js';
import { defineModel, type Model } from '../../model/model.js';
import { setVmAttributes } from '../calls/convert.js';
import { allocate, punchHole } from '../calls/fallocate.js';
import { attributeIs, ordinaryPageFault } from '../calls/ordinary-fault.js';
import { tdpMmuPageFault } from '../calls/page-fault.js';
import { userFault } from '../calls/user-mapping.js';
import { Gmem } from '../gmem.js';
import { RECORDED_WORLD } from '../parts.js';
import type { Scenario } from '../scenarios/scenario.js';
import type { Gfn, Scheme } from '../scheme.js';
import type { Recorded, RecordedCall, RecordedEvent } from './recorded.js';
import { pfnOfFolio } from './survey.js';
import { numberOf } from './trace-lines.js';
import type { LoggedAccess } from './user-log.js';

const INVALID = 2 ** 64;
/** Numbers that are put down in a state: the sequence, then each actor's snapshot of it. */
const SEQUENCE = 0;
const SNAPSHOTS = 1;
/** In a note about what a TLB may still hold: nothing, ordinary memory; else a frame's position + 1. */
const NO_ENTRY = 0;
const ORDINARY_ENTRY = -1;
/** Of a frame that nobody has cleared: whatever its last owner left. */
const RESIDUE = -0x5eed_feed;
/** The page is returned locked; from include/linux/mm_types.h. */
const VM_FAULT_LOCKED = 0x200;

/** A model of a recorded run, and the world that its last build made. */
export interface RecordedModel {
  readonly model: Model;
  /** The recording, once the model was compiled. */
  observation(): Observation;
}

/** The model of a recorded run under a scheme. */
export function recordedModel(
  recorded: Recorded,
  scheme: Scheme,
  accesses: readonly LoggedAccess[] = [],
): RecordedModel {
  let world: Gmem | undefined;
  const scenario = scenarioOf(recorded);
  const model = defineModel({
    name: 'recorded',
    source: import.meta.url,
    registers: 64,
    build(m) {
      const g = new Gmem(m, scenario, scheme, true, RECORDED_WORLD);
      world = g;
      m.layout.setInitial(g.rangeStart.region.base, rangeOf(recorded, 0));
      m.layout.setInitial(g.rangeEnd.region.base, rangeOf(recorded, 0));
      const callOf = callsOf(g);
      for (const { name, calls } of recorded.tasks) m.actor(name, calls.map(callOf));
      // What a task does in user mode, or in the guest, leaves no trace there: it is by an actor of its own.
      for (const pid of new Set(accesses.map((each) => each.pid))) {
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
    observation() {
      if (world === undefined) throw new Error('a recording is observed once its model was compiled');
      return new Observer(recorded, world, accesses).observation();
    },
  };
}

/** The marks around an access; what it does there the observer says. */
function* accessed(): Routine {
  yield* tracepoint('access begins');
  yield* tracepoint('access ends');
}

/** What makes a call of the model of a recorded one. */
function callsOf(g: Gmem): (recorded: RecordedCall) => Call {
  const sptes = g.ordinarySptes!;
  const fault = (gfn: Gfn) => recordedFault(g, gfn, undefined, sptes.at(gfn));
  const faults = [false, true].map((isPrivate) => (gfn: Gfn) => recordedFault(g, gfn, isPrivate, sptes.at(gfn)));
  const ordinary = (gfn: Gfn) => forgetting(g, ordinaryPageFault(g, gfn, sptes.at(gfn)));
  const user = (gfn: Gfn) => userFault(g, gfn);
  const set = [false, true].map(
    (isPrivate) =>
      (...gfns: Gfn[]) =>
        setVmAttributes(g, isPrivate ? 'private' : 'shared', gfns),
  );
  const punch = (...gfns: Gfn[]) => punchHole(g, gfns);
  const fill = (...gfns: Gfn[]) => allocate(g, gfns);
  const points = new Map<string, () => Routine>();
  const range = (name: string, routine: (...gfns: Gfn[]) => Routine<number>, first: number, count: number): Call => {
    const pages = Array.from({ length: count }, (_, k) => g.gfns.id(first + k));
    return call(`${name} of page ${first}`, routine as (...gfns: unknown[]) => Routine<number>, ...pages);
  };
  return (each) => {
    switch (each.call) {
      case 'point': {
        const { name } = each;
        const point = points.get(name) ?? (() => tracepoint(name));
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
        return call('fault on ordinary memory', ordinary, g.gfns.id(each.page));
      case 'user-fault':
        return call(`user fault on page ${each.page}`, user, g.gfns.id(each.page));
      case 'set-attributes':
        return range('set attributes', set[Number(each.isPrivate)], each.first, each.count);
      case 'punch':
        return range('punch hole', punch, each.first, each.count);
      case 'allocate':
        return range('allocate', fill, each.first, each.count);
      case 'none':
        return call('no call', nothing);
    }
  };
}

function* nothing(): Routine {}

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
  return yield* forgetting(g, tdpMmuPageFault(g, gfn, g.scenario.conversion === 'vm-attributes'));
}

/** What a fault had sampled matters to nobody once it is over; states that differ in nothing else are one. */
function* forgetting(g: Gmem, fault: Routine<number>): Routine<number> {
  const result = yield* fault;
  yield* g.invalidateSeq.forget();
  yield* tracepoint('mmu_seq is forgotten');
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

/** A gfn of a range as the model has it: relative to the file, or NO_RANGE. */
function rangeOf({ baseGfn }: Recorded, gfn: number): number {
  return gfn >= INVALID - 1 ? -1 : gfn - baseGfn;
}

function counted(look: Look): undefined {
  look.note(SEQUENCE, look.noted(SEQUENCE) + 1);
}

function forgotten(look: Look, slot: number): undefined {
  look.note(slot, 0);
}

/** Where the fault goes on the trace says what it has sampled. */
function snapshot(look: Look, actor: number, events: EventsToCome): number | undefined {
  const sampled = look.noted(SEQUENCE);
  look.note(SNAPSHOTS + actor, sampled);
  for (let place = 0; ; place++) {
    const event = events.at(place);
    if (event === undefined) return undefined;
    if (event.kind !== 'leave' || event.name !== 'kvm_mmu_faultin_pfn') continue;
    const said = /mmu_seq=(\d+)/.exec(event.text)?.[1];
    return said === undefined || Number(said) === sampled ? undefined : place;
  }
}

class Observer {
  readonly #pfns: readonly number[];
  /** By task: whether its vCPU is in the guest. By gfn: what a TLB may still hold. By frame, and by gfn of ordinary memory: what is in it. */
  readonly #inGuest: number;
  readonly #stale: number;
  readonly #contents: number;
  readonly #ordinary: number;
  readonly #notes: number;

  constructor(
    readonly recorded: Recorded,
    readonly g: Gmem,
    readonly accesses: readonly LoggedAccess[],
  ) {
    this.#pfns = [...recorded.frames.keys()];
    const { gfns, frames } = g.scenario;
    const tasks = recorded.tasks.length;
    this.#inGuest = SNAPSHOTS + tasks;
    this.#stale = this.#inGuest + tasks;
    this.#contents = this.#stale + gfns;
    this.#ordinary = this.#contents + frames;
    this.#notes = this.#ordinary + gfns;
    this.#seesEntries = recorded.events.some(({ name }) => name === 'kvm_entry');
  }

  observation(): Observation {
    const { recorded } = this;
    const events = [...recorded.events.map((event) => this.#event(event)), ...this.#accessEvents()].sort(
      (one, other) => one.time - other.time,
    );
    const visible = new Set(events.map(({ kind, name }) => `${kind} ${name}`));
    const free = recorded.frames.size;
    return {
      events,
      visible,
      // Some recorders filter by mapping, and lose the unlocks of folios that have none any more.
      optional: ({ name, values }) => name === 'folio_unlock' && values[1] === true && !recorded.hasAllUnlocks,
      notes: this.#notes,
      spare: (actor) => free + actor,
      passing: new Map([
        ['tracepoint mmu_invalidate_seq++', counted],
        ['tracepoint mmu_seq = mmu_invalidate_seq', snapshot],
        ['tracepoint mmu_seq is forgotten', (look: Look, actor: number) => forgotten(look, SNAPSHOTS + actor)],
        ...this.#mappingMarks(),
      ]),
      ...(this.accesses.length === 0 ? {} : { sending: this.#sent }),
    };
  }

  #event(event: RecordedEvent): ObservedEvent {
    const { actor, kind, name, line, fields } = event;
    const observed = { actor, kind, name, time: line.time, line: line.line, text: `${line.event}: ${line.text}` };
    const at = (key: string) => numberOf(fields.get(key));
    const { contradiction } = event;
    const checks = contradiction === undefined ? this.#checksOf(line.event, line.text, at, actor) : () => contradiction;
    const later = line.event === 'get_pfn_in' && fields.has('seq') ? this.#read(at) : undefined;
    const claims =
      line.event === 'mm_filemap_add_to_page_cache' ? this.recorded.frames.get(at('pfn') ?? -1) : undefined;
    return {
      ...observed,
      ...(checks === undefined ? {} : { check: checks }),
      ...(later === undefined ? {} : { later }),
      ...(claims === undefined ? {} : { claims }),
    };
  }

  /** What changes what a TLB may hold, and whether a vCPU is in the guest. */
  #mappingMarks(): readonly [string, (look: Look, actor: number) => number | undefined][] {
    if (this.accesses.length === 0) return [];
    return [
      [
        'tracepoint kvm_tdp_mmu_spte_changed to none',
        (look) => {
          const gfn = look.position(look.values[0])!;
          const frame = look.position(look.values[1]);
          look.note(this.#stale + gfn, frame === null ? ORDINARY_ENTRY : frame + 1);
          return undefined;
        },
      ],
      [
        'tracepoint TLBs are flushed',
        (look) => {
          for (const gfn of look.values) look.note(this.#stale + look.position(gfn)!, NO_ENTRY);
          return undefined;
        },
      ],
      ['tracepoint kvm_entry', (look, actor) => this.#enters(look, actor, 1)],
      ['tracepoint kvm_exit', (look, actor) => this.#enters(look, actor, 0)],
    ];
  }

  #enters(look: Look, actor: number, isIn: number): undefined {
    look.note(this.#inGuest + actor, isIn);
  }

  readonly #sent = (look: Look, event: string, frame: number): void => {
    if (event === 'CLEAR') look.note(this.#contents + frame, 0);
    else if (event === 'ALLOCATE') look.note(this.#contents + frame, RESIDUE);
  };

  #accessEvents(): readonly ObservedEvent[] {
    const pids = [...new Set(this.accesses.map(({ pid }) => pid))];
    return this.accesses.flatMap((access): ObservedEvent[] => {
      const actor = this.recorded.tasks.length + pids.indexOf(access.pid);
      const { line, text, from, to } = access;
      const mark = { actor, kind: 'tracepoint', line, text } as const;
      return [
        { ...mark, name: 'access begins', time: from, later: this.#stepsOf(access) },
        { ...mark, name: 'access ends', time: to },
      ];
    });
  }

  /** What an access does between its two times: it reads, and then writes. */
  #stepsOf(access: LoggedAccess): readonly LaterStep[] {
    const { page, read, written, pid } = access;
    if (read === undefined) return [];
    const vcpu = this.recorded.tasks.findIndex((task) => task.pid === pid);
    const place = (look: Look) =>
      access.by === 'guest' ? this.#guestPlace(look, vcpu, page) : this.#hostPlace(look, page);
    const reads: LaterStep = {
      take(look) {
        const at = place(look);
        if (typeof at === 'string') return at;
        const own = look.noted(at);
        return own === read
          ? undefined
          : `page ${page} holds ${own === RESIDUE ? 'what its last owner left' : hex(own >>> 0)}, and ${hex(read >>> 0)} was read`;
      },
    };
    if (written === undefined) return [reads];
    const writes: LaterStep = {
      take(look) {
        const at = place(look);
        if (typeof at === 'string') return at;
        look.note(at, written);
        return undefined;
      },
    };
    return [reads, writes];
  }

  /** Where the memory is noted that a vCPU reaches at a page; why it reaches none. */
  #guestPlace(look: Look, vcpu: number, page: number): number | string {
    const { g } = this;
    if (vcpu >= 0 && this.#seesEntries && look.noted(this.#inGuest + vcpu) === 0) return 'the vCPU is not in the guest';
    if (look.word(g.ordinarySptes!.region.base + page) === 1) return this.#ordinary + page;
    const mapped = [g.privateSptes, g.sharedSptes]
      .map((sptes) => look.word(sptes.region.base + page))
      .find((ref) => ref > 0);
    const ref = mapped ?? look.noted(this.#stale + page);
    if (ref === ORDINARY_ENTRY) return this.#ordinary + page;
    if (ref <= 0) return `no SPTE maps page ${page}, and no TLB can`;
    const cached = look.word(g.pages.region.base + page);
    return cached === ref
      ? this.#contents + ref - 1
      : `the folio that is mapped at page ${page} is not the file's any more`;
  }

  #hostPlace(look: Look, page: number): number | string {
    const ref = look.word(this.g.userPtes.region.base + page);
    return ref > 0 ? this.#contents + ref - 1 : `no user PTE maps page ${page}`;
  }

  readonly #seesEntries: boolean;

  /** The four fields of an invalidation, in the order in which a recorder reads them. */
  #fields(at: (key: string) => number | undefined) {
    const { g } = this;
    const cells = [
      ['seq', (look: Look) => look.noted(SEQUENCE), at('seq')],
      ['inprog', (look: Look) => look.word(g.invalidateInProgress.region.base), at('inprog')],
      ['rs', (look: Look) => look.word(g.rangeStart.region.base), this.#range(at('rs'))],
      ['re', (look: Look) => look.word(g.rangeEnd.region.base), this.#range(at('re'))],
    ] as const;
    return cells.flatMap(([name, read, value]) => (value === undefined ? [] : [{ name, read, value }]));
  }

  /** What a recorder read late, field by field. */
  #read(at: (key: string) => number | undefined): readonly LaterStep[] {
    return this.#fields(at).map(({ name, read, value }) => ({
      take(look) {
        const own = read(look);
        return own === value ? undefined : `${name} is ${own} in the model, and ${value} in the trace`;
      },
    }));
  }

  #range(gfn: number | undefined): number | undefined {
    return gfn === undefined ? undefined : rangeOf(this.recorded, gfn);
  }

  #pfnOf(position: number | null): number | undefined {
    return position === null ? undefined : this.#pfns[position];
  }

  #checksOf(
    event: string,
    text: string,
    at: (key: string) => number | undefined,
    actor: number,
  ): ((look: Look) => string | undefined) | undefined {
    const { g } = this;
    const folioPfn = pfnOfFolio(/folio=(0x[0-9a-f]+)/.exec(text)?.[1], this.recorded);
    const pfnIs = (look: Look, value: unknown, pfn: number | undefined, what = 'pfn') => {
      const own = this.#pfnOf(look.position(value));
      return pfn === undefined || own === pfn ? undefined : `${what} ${hex(own)}`;
    };
    const exact = (look: Look) => {
      for (const { name, read, value } of this.#fields(at)) {
        const own = read(look);
        if (own !== value) return `${name} is ${own} in the model, and ${value} in the trace`;
      }
      return undefined;
    };
    switch (event) {
      case 'faultin_out': {
        const ret = at('ret');
        return (look) => {
          const value = look.values[0];
          const own = typeof value === 'number' ? value : 0;
          if (own !== ret) return `kvm_mmu_faultin_pfn() -> ${own}`;
          if (look.noted(SNAPSHOTS + actor) !== at('mmu_seq')) {
            return `mmu_seq ${look.noted(SNAPSHOTS + actor)}`;
          }
          return ret === 0 && value !== null && typeof value === 'object' ? pfnIs(look, value, at('pfn')) : undefined;
        };
      }
      case 'get_pfn_out':
        return (look) => {
          const value = look.values[0];
          if (typeof value === 'number') return value === at('ret') ? undefined : `kvm_gmem_get_pfn() -> ${value}`;
          return at('ret') === 0 ? pfnIs(look, value, at('pfn')) : 'kvm_gmem_get_pfn() -> 0';
        };
      case 'get_folio_out':
        return (look) => pfnIs(look, look.values[0], folioPfn, 'folio of pfn');
      case 'mm_filemap_add_to_page_cache':
      case 'mm_filemap_delete_from_page_cache':
        return (look) => {
          const index = (numberOf(/ofs=(\d+)/.exec(text)?.[1]) ?? 0) / 4096;
          if (look.position(look.values[0]) !== index) return `index ${look.position(look.values[0])}`;
          return pfnIs(look, look.values[1], at('pfn'));
        };
      case 'free_folio':
        return folioPfn === undefined ? undefined : undefined;
      case 'folio_unlock':
        return (look) => pfnIs(look, look.values[0], folioPfn, 'folio of pfn');
      case 'stale_in':
        return (look) => {
          if (look.noted(SNAPSHOTS + actor) !== at('mmu_seq')) return `mmu_seq ${look.noted(SNAPSHOTS + actor)}`;
          if (look.noted(SEQUENCE) !== at('kseq')) return `mmu_invalidate_seq ${look.noted(SEQUENCE)}`;
          const count = look.word(g.invalidateInProgress.region.base);
          return count === at('inprog') ? undefined : `mmu_invalidate_in_progress ${count}`;
        };
      case 'stale_out':
        return (look) => {
          const own = look.values[0] === true ? 1 : 0;
          if (own !== at('ret')) return `is_page_fault_stale() -> ${own}`;
          if (look.noted(SEQUENCE) !== at('kseq')) return `mmu_invalidate_seq ${look.noted(SEQUENCE)}`;
          const count = look.word(g.invalidateInProgress.region.base);
          return count === at('inprog') ? undefined : `mmu_invalidate_in_progress ${count}`;
        };
      case 'map_in':
        return (look) => (look.values[0] === null ? undefined : pfnIs(look, look.values[0], at('pfn')));
      case 'map_out':
        return (look) => (look.values[0] === at('ret') ? undefined : `kvm_tdp_mmu_map() -> ${String(look.values[0])}`);
      case 'pf_out':
        return (look) =>
          look.values[0] === at('ret') ? undefined : `kvm_tdp_page_fault() -> ${String(look.values[0])}`;
      case 'unmap_out':
        return (look) =>
          (look.values[0] === true ? 1 : 0) === at('flush') ? undefined : `flush=${Number(look.values[0] === true)}`;
      case 'findlock_out':
        return (look) => (look.values[0] === at('n') ? undefined : `find_lock_entries() -> ${String(look.values[0])}`);
      case 'fallocate_out':
        return (look) =>
          look.values[0] === at('ret') ? undefined : `kvm_gmem_fallocate() -> ${String(look.values[0])}`;
      case 'kvm_tdp_mmu_spte_changed': {
        if (/new_spte 8000000000000000/.test(text)) {
          const gfn = Number.parseInt(/ gfn ([0-9a-f]+)/.exec(text)?.[1] ?? '', 16) - this.recorded.baseGfn;
          return (look) =>
            look.position(look.values[0]) === gfn ? undefined : `gfn of page ${look.position(look.values[0])}`;
        }
        const spte = /new_spte ([0-9a-f]+)/.exec(text)?.[1];
        const pfn = spte === undefined ? undefined : Number((BigInt(`0x${spte}`) & 0xffffffffff000n) >> 12n);
        return (look) => (look.values[0] === null ? undefined : pfnIs(look, look.values[0], pfn));
      }
      case 'ufault_out': {
        const page = pfnOfFolio(/page=(0x[0-9a-f]+)/.exec(text)?.[1], this.recorded);
        return (look) => {
          const value = look.values[0];
          if (typeof value === 'number')
            return at('ret') !== VM_FAULT_LOCKED ? undefined : 'kvm_gmem_fault_user_mapping() fails';
          return at('ret') === VM_FAULT_LOCKED
            ? pfnIs(look, value, page, 'page of pfn')
            : 'kvm_gmem_fault_user_mapping() -> VM_FAULT_LOCKED';
        };
      }
      case 'unmap_mapping_folio': {
        const index = at('index');
        return (look) =>
          look.position(look.values[0]) === index ? undefined : `index ${look.position(look.values[0])}`;
      }
      case 'inv_add_out':
      case 'inv_start_out':
      case 'inv_end_in':
      case 'inv_end_out':
        return exact;
      default:
        return undefined;
    }
  }
}

function hex(value: number | undefined): string {
  return value === undefined ? 'none' : `0x${value.toString(16)}`;
}
