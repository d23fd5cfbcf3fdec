/**
 * Observe: what each event of a trace says of the state in which its mark is passed. Imported by the model of a recorded
 * run.
 */

import type { EventsToCome, LaterStep, Look, Observation, ObservedEvent, OpWatch } from '../../conform/observed.js';
import { sentEventOf } from '../../core/ops/accesses.js';
import type { Op } from '../../core/ops/op.js';
import type { Gmem } from '../gmem.js';
import { RecordedAccesses } from './accesses.js';
import { hex } from './hex.js';
import { indexOf, spteOf } from './kernel-fields.js';
import type { Recorded, RecordedEvent } from './recorded.js';
import { pfnOfFolio } from './survey.js';
import { numberOf } from './trace-lines.js';
import type { LoggedAccess } from './user-log.js';

const INVALID = 2 ** 64;
/** Numbers that are put down in a state: the sequence, then each actor's snapshot of it; behind them those of accesses. */
const SEQUENCE = 0;
const SNAPSHOTS = 1;
/** The page is returned locked; from include/linux/mm_types.h. */
const VM_FAULT_LOCKED = 0x200;

/** A recorded run as the engine sees it, once its model was compiled and has made its world. */
export function observationOf(recorded: Recorded, g: Gmem, accesses: readonly LoggedAccess[]): Observation {
  return new Observer(recorded, g, accesses).observation();
}

/** A gfn of a range as the model has it: relative to the file, or NO_RANGE. */
export function rangeOf({ baseGfn }: Recorded, gfn: number): number {
  return gfn >= INVALID - 1 ? -1 : gfn - baseGfn;
}

/** Which event of a task, of those to come, says that its fault has sampled something else. */
function otherSample(sampled: number, events: EventsToCome): number | undefined {
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
  readonly #accesses: RecordedAccesses | undefined;

  constructor(
    readonly recorded: Recorded,
    readonly g: Gmem,
    accesses: readonly LoggedAccess[],
  ) {
    this.#pfns = [...recorded.frames.keys()];
    const first = SNAPSHOTS + recorded.tasks.length;
    this.#accesses = accesses.length === 0 ? undefined : new RecordedAccesses(recorded, g, accesses, first);
  }

  observation(): Observation {
    const { recorded } = this;
    const events = [...recorded.events.map((event) => this.#event(event)), ...(this.#accesses?.events() ?? [])].sort(
      (one, other) => one.time - other.time,
    );
    const visible = new Set(events.map(({ kind, name }) => `${kind} ${name}`));
    const free = recorded.frames.size;
    return {
      events,
      visible,
      // Some recorders filter by mapping, and lose the unlocks of folios that have none any more.
      optional: ({ name, values }) => name === 'folio_unlock' && values[1] === true && !recorded.hasAllUnlocks,
      notes: this.#accesses?.end ?? SNAPSHOTS + recorded.tasks.length,
      spare: (actor) => free + actor,
      passing: new Map([...(this.#accesses?.marks() ?? []), ...this.#rootMarks()]),
      watch: this.#watch(),
    };
  }

  /** When all roots become obsolete: what the vCPUs may still reach until they have left the guest. */
  #rootMarks(): readonly [string, (look: Look) => void][] {
    return [
      ['tracepoint kvm_mmu_zap_all_fast', (look) => this.#accesses?.rootsObsolete(look)],
      ['tracepoint vCPUs have left the guest', (look) => this.#accesses?.flushed(look)],
    ];
  }

  /** The ops that change what the model has no number for: the sequence, samples of it, and what is in a frame. */
  #watch(): OpWatch {
    const { invalidateSeq, folios } = this.g;
    const { region } = invalidateSeq.latch;
    const [bump, take, forget] = [invalidateSeq.bump(), invalidateSeq.take(), invalidateSeq.forget()].map(
      ({ spec }) => spec.a,
    );
    const [clear, allocate, free] = ['CLEAR', 'ALLOCATE', 'FREE'].map((event) => folios.event(event));
    const isFilled = (op: Op<unknown>) => {
      const sent = op.spec.region === folios.region ? sentEventOf(op.spec)?.event : undefined;
      return sent === clear || sent === allocate || sent === free;
    };
    return {
      hears: (op) => op.spec.region === region || (this.#accesses !== undefined && isFilled(op)),
      ran: (op, position, look, actor, events) => {
        if (op.spec.region !== region) {
          // What is in a free frame matters to nobody: states that differ in nothing else are one.
          if (position >= 0) this.#accesses?.filled(look, position, op.spec.b !== allocate);
          return undefined;
        }
        if (op.spec.a === bump) look.note(SEQUENCE, look.noted(SEQUENCE) + 1);
        else if (op.spec.a === take) {
          const sampled = look.noted(SEQUENCE);
          look.note(SNAPSHOTS + actor, sampled);
          return otherSample(sampled, events);
        } else if (op.spec.a === forget) look.note(SNAPSHOTS + actor, 0);
        return undefined;
      },
    };
  }

  #event(event: RecordedEvent): ObservedEvent {
    const { actor, kind, name, line, fields } = event;
    const observed = { actor, kind, name, time: line.time, line: line.line, text: `${line.event}: ${line.text}` };
    const at = (key: string) => numberOf(fields.get(key));
    const { contradiction } = event;
    const checks = contradiction === undefined ? this.#checksOf(event) : () => contradiction;
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

  #checksOf({ line, fields, actor }: RecordedEvent): ((look: Look) => string | undefined) | undefined {
    const at = (key: string) => numberOf(fields.get(key));
    const folioPfn = pfnOfFolio(fields.get('folio'), this.recorded);
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
    // Under mmu_lock nothing moves while they are read.
    const stale = (look: Look) => {
      const sample = look.noted(SNAPSHOTS + actor);
      if (at('mmu_seq') !== undefined && sample !== at('mmu_seq')) return `mmu_seq ${sample}`;
      if (at('kseq') !== undefined && look.noted(SEQUENCE) !== at('kseq')) {
        return `mmu_invalidate_seq ${look.noted(SEQUENCE)}`;
      }
      return exact(look);
    };
    switch (line.event) {
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
          const index = indexOf(fields);
          if (look.position(look.values[0]) !== index) return `index ${look.position(look.values[0])}`;
          return pfnIs(look, look.values[1], at('pfn'));
        };
      case 'folio_unlock':
        return (look) => pfnIs(look, look.values[0], folioPfn, 'folio of pfn');
      case 'stale_in':
        return stale;
      case 'stale_out':
        return (look) => {
          const own = look.values[0] === true ? 1 : 0;
          return own === at('ret') ? stale(look) : `is_page_fault_stale() -> ${own}`;
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
        const { gfn, pfn, oldPfn } = spteOf(line) ?? {};
        if (pfn === 0) {
          const page = gfn! - this.recorded.baseGfn;
          return (look) => {
            if (look.position(look.values[0]) !== page) return `gfn of page ${look.position(look.values[0])}`;
            const own = look.values[2] === true ? this.#pfnOf(Number(look.values[1])) : oldPfn;
            return own === oldPfn ? undefined : `pfn ${hex(own)}`;
          };
        }
        return (look) => (look.values[0] === null ? undefined : pfnIs(look, look.values[0], pfn));
      }
      case 'ufault_out': {
        const page = pfnOfFolio(fields.get('page'), this.recorded);
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
