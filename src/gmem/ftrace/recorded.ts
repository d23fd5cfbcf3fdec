/**
 * Recorded: what a trace of a real kernel says of guest_memfd, as calls that the model makes and events that it passes.
 *
 * The outermost frames of each task are its calls, with their arguments; what lies in them are marks of the model's own
 * routines, with the values that the kernel printed. What the lines of one task say of one another is settled here; what
 * they say of the state is the observer's business. Imported by the observer.
 */

import { InputError } from '../../core/errors.js';
import { Doubts, type Unrecorded } from './doubts.js';
import { BEGINS_FALLOCATE, EVENT_TABLE } from './event-table.js';
import { argumentOf, faultedGfn, PAGE_BYTES } from './kernel-fields.js';
import type { RecordedCall } from './recorded-call.js';
import { type At, isAbout, isZap } from './scope.js';
import { type SlotMark, slotMarksOf } from './slot-marks.js';
import { type Survey, surveyOf } from './survey.js';
import { contradictionOf, type TaskLine } from './task-order.js';
import { fieldsOf, numberOf, type TraceLine, type TraceText } from './trace-lines.js';

/** An event, with the line that it was read from. */
export interface RecordedEvent {
  readonly actor: number;
  readonly kind: 'enter' | 'leave' | 'tracepoint';
  readonly name: string;
  readonly line: TraceLine;
  readonly fields: ReadonlyMap<string, string>;
  /** Group in the report. */
  readonly group: string;
  /** What other lines of its task say against it; undefined for nothing. */
  readonly contradiction: string | undefined;
}

/** A task of the trace. */
export interface RecordedTask {
  readonly name: string;
  readonly pid: number;
  readonly calls: RecordedCall[];
}

/** A trace of guest_memfd. */
export interface Recorded extends Survey {
  readonly baseGfn: number;
  readonly tasks: readonly RecordedTask[];
  readonly events: readonly RecordedEvent[];
  /** Pages of ordinary memory by their first gfn, in the order in which they came; the model has them behind the file's. */
  readonly ordinary: ReadonlyMap<number, number>;
  /** The page frame behind each pfn of the file. */
  readonly frames: ReadonlyMap<number, number>;
  /** What the trace shows and the model does not have, which ends what is looked at too. */
  readonly lacks: Unrecorded | undefined;
  /** When the trace ends as far as it is looked at; undefined where it is looked at to its end. */
  readonly until: number | undefined;
  /** What may have happened that the trace does not show: an event behind one of these lines may have an explanation all the same. */
  readonly doubts: readonly Unrecorded[];
  /** Lines that say nothing of guest_memfd, by event. */
  readonly ignored: ReadonlyMap<string, number>;
}

/** KVM_MEMORY_ATTRIBUTE_PRIVATE */
const PRIVATE_ATTRIBUTE = 8;
/** FALLOC_FL_PUNCH_HOLE */
const PUNCH_HOLE = 2;

/** Events that are calls of no op: a vCPU's way in and out of the guest, and system calls. */
const POINTS: ReadonlySet<string> = new Set(['kvm_entry', 'kvm_exit', 'kvm_page_fault', 'sys_fallocate']);
/** Events with which the file or the VM comes to its end. */
const GIVES_UP: ReadonlySet<string> = new Set(['release_in', 'unbind_in']);
/** What no task does before it is done with a fault, with attributes, with the end of a user fault. */
const OUTSIDE: ReadonlySet<string> = new Set([
  ...['kvm_entry', 'kvm_exit', 'kvm_page_fault', 'sys_fallocate', 'kvm_vm_set_mem_attributes', 'ufault_in', 'pf_in'],
]);

/** What a fault does only behind its lookup. */
const BEHIND_LOOKUP: ReadonlySet<string> = new Set([
  ...['folio_unlock', 'get_pfn_out', 'faultin_out', 'mmul_raw_read_lock_in', 'mmul_raw_read_lock_out', 'stale_in'],
  ...['map_in', 'kvm_tdp_mmu_spte_changed', 'kvm_mmu_set_spte', 'map_out', 'mmul_raw_read_unlock'],
]);

interface Task extends RecordedTask {
  readonly actor: number;
  at: At;
  call: RecordedCall;
  last: TaskLine | undefined;
  pfn: number | undefined;
}

/**
 * Reads a trace.
 *
 * @throws InputError for one in which nothing is about guest_memfd
 */
export function recordedOf({ lines }: TraceText): Recorded {
  const survey = surveyOf(lines);
  if (survey.baseGfn === undefined) {
    throw new InputError(
      'faultline: the trace has no fault on a page of guest_memfd; it needs kvm:kvm_page_fault or kvm_tdp_page_fault(), and ' +
        'filemap:mm_filemap_add_to_page_cache or kvm_gmem_get_folio() (faultline conform --probes prints what to record).',
    );
  }
  return new Reader(lines, { ...survey, baseGfn: survey.baseGfn }).read();
}

function isFault(at: At): boolean {
  return at === 'fault' || at === 'end of a fault';
}

class Reader {
  readonly #tasks: Task[] = [];
  readonly #byPid = new Map<number, Task>();
  readonly #events: RecordedEvent[] = [];
  readonly #ordinary = new Map<number, number>();
  readonly #frames = new Map<number, number>();
  readonly #ignored = new Map<string, number>();
  /** Whether the file was given up, which ends what is looked at. */
  #isGivenUp = false;
  #lacks: Unrecorded | undefined;
  readonly #doubts: Doubts;
  readonly #slotMarks: ReadonlyMap<number, SlotMark>;

  constructor(
    readonly lines: readonly TraceLine[],
    readonly survey: Survey & { readonly baseGfn: number },
  ) {
    this.#doubts = new Doubts(survey);
    this.#slotMarks = slotMarksOf(lines, survey);
  }

  read(): Recorded {
    this.lines.forEach((line, at) => {
      this.#line(line, at);
    });
    const end = this.#lacks;
    return {
      ...this.survey,
      until: end && this.lines.find(({ line }) => line === end.line)?.time,
      tasks: this.#tasks,
      events: this.#events,
      ordinary: this.#ordinary,
      frames: this.#frames,
      lacks: this.#lacks,
      doubts: this.#doubts.all,
      ignored: this.#ignored,
    };
  }

  #line(line: TraceLine, place: number): void {
    const { event, text } = line;
    const row = EVENT_TABLE.get(event);
    const mark = this.#slotMarks.get(line.line);
    if (mark === undefined && (GIVES_UP.has(event) || text.includes('kvm_arch_flush_shadow_all')))
      this.#isGivenUp = true;
    const isOver = this.#isGivenUp || this.#lacks !== undefined;
    // A file that is bound again after it was given up is another world.
    if (this.#isGivenUp && event === 'get_pfn_in') {
      this.#lacks ??= { what: 'a memslot that is deleted and made again', line: line.line };
    }
    const fields = fieldsOf(text);
    let task = this.#byPid.get(line.pid);
    if (mark !== undefined) {
      this.#slotLine(mark, line, fields, isOver);
      return;
    }
    this.#doubts.hear(line, task?.at ?? 'nothing', task?.last?.line.line ?? 0);
    if (task !== undefined && OUTSIDE.has(event) && this.#mayEnd(task.at)) task.at = 'nothing';
    if (row === undefined || isOver || !isAbout(line, fields, task?.at ?? 'nothing', this.survey)) {
      this.#ignore(event);
      return;
    }
    if (POINTS.has(event)) {
      task ??= this.#taskOf(line);
      task.calls.push({ call: 'point', name: row.name });
      this.#see(task, line, fields);
      // Without a probe of the function the call begins here.
      if (event === 'kvm_page_fault' && !this.survey.kinds.has('pf_in'))
        this.#begin(task, 'fault', this.#faultOf(line, fields, place));
      else if (event === 'sys_fallocate' && !this.survey.kinds.has('fallocate_in')) {
        if (!text.startsWith('(')) task.at = 'nothing';
        else
          this.#begin(
            task,
            'fallocate',
            this.#fallocateOf((key) => argumentOf(line, key)),
          );
      }
      return;
    }
    if (task === undefined || task.at === 'nothing') {
      const begun = this.#callOf(line, fields, place);
      if (begun === undefined) {
        this.#stray(line, row.within, task, fields);
        return;
      }
      task ??= this.#taskOf(line);
      this.#begin(task, begun.at, begun.call);
    }
    this.#see(task, line, fields);
    this.#leave(task, event);
  }

  /** A line of a change of the memslot. */
  #slotLine(mark: SlotMark, line: TraceLine, fields: ReadonlyMap<string, string>, isOver: boolean): void {
    if (mark.begins?.call === 'delete-slot' && this.survey.hasAttributes && !isOver) {
      this.#lacks = { what: 'a memslot that is deleted in a VM with memory attributes', line: line.line };
    }
    if (isOver || mark.name === undefined) {
      this.#ignore(line.event);
      return;
    }
    const task = this.#byPid.get(line.pid) ?? this.#taskOf(line);
    if (mark.begins !== undefined) this.#begin(task, 'nothing', mark.begins);
    this.#see(task, line, fields, mark.name);
  }

  #ignore(event: string): void {
    this.#ignored.set(event, (this.#ignored.get(event) ?? 0) + 1);
  }

  #begin(task: Task, at: At, call: RecordedCall): void {
    task.at = at;
    task.call = call;
    task.pfn = undefined;
    task.calls.push(call);
  }

  /** An event outside of every call. */
  #stray(
    line: TraceLine,
    within: readonly string[] | undefined,
    task: Task | undefined,
    fields: ReadonlyMap<string, string>,
  ): void {
    const { event } = line;
    if (event === 'inv_end_in' || event === 'inv_end_out') {
      this.#lacks = { what: "KVM's MMU notifier for other memory than the file's", line: line.line };
    } else if (event === 'mm_filemap_delete_from_page_cache' && line.line > this.survey.lastFault) {
      // Whoever takes folios out of the file behind the last fault, and by no call, gives it up.
      this.#isGivenUp = true;
    } else if (within !== undefined) {
      const unseen = within.filter((begins) => !this.#isRecorded(begins));
      if (unseen.length > 0) {
        const what = `${event} in a call whose beginning (${unseen.join(', ')}) is not recorded`;
        this.#lacks = { what, line: line.line };
      } else if (task !== undefined) {
        this.#begin(task, 'unknown', { call: 'none' });
        this.#see(task, line, fields);
        return;
      } else this.#doubts.hearOfUnknown(line);
    }
    this.#ignore(event);
  }

  /** Whether the trace shows where calls begin that begin with an event. */
  #isRecorded(begins: string): boolean {
    const { kinds } = this.survey;
    return BEGINS_FALLOCATE.includes(begins) ? BEGINS_FALLOCATE.some((each) => kinds.has(each)) : kinds.has(begins);
  }

  /** @param as the mark, where it is not the one that the table has */
  #see(task: Task, line: TraceLine, fields: ReadonlyMap<string, string>, as?: string): void {
    const { event } = line;
    const { kind, name, group } = EVENT_TABLE.get(event)!;
    const now = { line, fields, call: task.call, pfn: isFault(task.at) ? task.pfn : undefined };
    const contradiction = contradictionOf(now, task.last, this.survey);
    task.last = now;
    if (event === 'faultin_out') task.pfn = numberOf(fields.get('ret')) === 0 ? numberOf(fields.get('pfn')) : undefined;
    if (event === 'mm_filemap_add_to_page_cache') {
      const pfn = numberOf(fields.get('pfn'));
      if (pfn !== undefined && !this.#frames.has(pfn)) this.#frames.set(pfn, this.#frames.size);
    }
    this.#events.push({
      actor: task.actor,
      kind,
      name: as ?? (isZap(line) ? `${name} to none` : name),
      line,
      fields,
      group,
      contradiction,
    });
  }

  #mayEnd(at: At): boolean {
    if (isFault(at)) return !this.survey.kinds.has('pf_in');
    return at === 'attributes' || at === 'end of attributes' || at === 'end of a user fault' || at === 'unknown';
  }

  /** Ends the call of a task with the last of its events. */
  #leave(task: Task, event: string): void {
    const { at } = task;
    if (isFault(at) && event === 'pf_out') task.at = 'nothing';
    else if (at === 'fault' && BEHIND_LOOKUP.has(event)) task.at = 'end of a fault';
    else if (at === 'fallocate' && event === 'fallocate_out') task.at = 'nothing';
    else if (at === 'user fault' && event === 'ufault_out') task.at = 'end of a user fault';
    else if (at === 'end of a user fault' && event === 'folio_unlock') task.at = 'nothing';
    else if (at === 'attributes' && event === 'inv_end_out') task.at = 'end of attributes';
    else if (at === 'end of attributes' && event === 'mmul_raw_write_unlock') task.at = 'nothing';
  }

  #taskOf({ pid, comm }: TraceLine): Task {
    const taken = this.#tasks.some(({ name }) => name === comm);
    const task: Task = {
      actor: this.#tasks.length,
      name: taken ? `${comm}-${pid}` : comm,
      pid,
      calls: [],
      at: 'nothing',
      call: { call: 'none' },
      last: undefined,
      pfn: undefined,
    };
    this.#tasks.push(task);
    this.#byPid.set(pid, task);
    return task;
  }

  #callOf(
    line: TraceLine,
    fields: ReadonlyMap<string, string>,
    place: number,
  ): { at: At; call: RecordedCall } | undefined {
    const { event, text } = line;
    if (event === 'pf_in') return { at: 'fault', call: this.#faultOf(line, fields, place) };
    if (event === 'fallocate_in') {
      return { at: 'fallocate', call: this.#fallocateOf((key) => numberOf(fields.get(key))) };
    }
    if (event === 'ufault_in') return { at: 'user fault', call: this.#userFaultOn(numberOf(fields.get('pgoff'))) };
    if (event === 'kvm_vm_set_mem_attributes') {
      const range = /(0x[0-9a-f]+) -- (0x[0-9a-f]+) \[(0x[0-9a-f]+)\]/.exec(text);
      const [from, end, attributes] = [1, 2, 3].map((at) => Number(range?.[at]));
      const first = from - this.survey.baseGfn;
      const isPrivate = attributes === PRIVATE_ATTRIBUTE;
      return { at: 'attributes', call: this.#rangeOf({ call: 'set-attributes', first, count: end - from, isPrivate }) };
    }
    return undefined;
  }

  /** A range that the file does not have is no call. */
  #rangeOf(call: Extract<RecordedCall, { first: number }>): RecordedCall {
    const { first, count } = call;
    const isIn = Number.isInteger(first) && Number.isInteger(count) && first >= 0 && count > 0;
    return isIn && first + count <= this.survey.pages ? call : { call: 'none' };
  }

  #userFaultOn(page: number | undefined): RecordedCall {
    const isIn = page !== undefined && page >= 0 && page < this.survey.pages;
    return isIn ? { call: 'user-fault', page } : { call: 'none' };
  }

  /** @param said what a line says of an argument */
  #fallocateOf(said: (key: string) => number | undefined): RecordedCall {
    const [mode, offset, len] = ['mode', 'offset', 'len'].map((key) => said(key) ?? 0);
    const call = (mode & PUNCH_HOLE) !== 0 ? 'punch' : 'allocate';
    return this.#rangeOf({ call, first: offset / PAGE_BYTES, count: len / PAGE_BYTES });
  }

  #faultOf(line: TraceLine, fields: ReadonlyMap<string, string>, place: number): RecordedCall {
    const { baseGfn, pages, hasAttributes } = this.survey;
    const gfn = line.event === 'pf_in' ? (numberOf(fields.get('gfn')) ?? 0) : faultedGfn(line);
    const page = gfn - baseGfn;
    if (page >= 0 && page < pages) {
      return { call: 'fault', page, isPrivate: hasAttributes ? this.#isPrivate(line.pid, place) : false };
    }
    const { mappedBy } = this.survey;
    const leaf = mappedBy.leafOf(gfn);
    if (!this.#ordinary.has(leaf.gfn)) this.#ordinary.set(leaf.gfn, pages + this.#ordinary.size);
    const isOpen = !mappedBy.isKnown || mappedBy.isSplit(leaf);
    return { call: 'ordinary-fault', page: this.#ordinary.get(leaf.gfn)!, gfn, leaf, isOpen };
  }

  /** What the fault that begins at a line says of itself in its next frame. */
  #isPrivate(pid: number, place: number): boolean | undefined {
    if (!this.survey.kinds.has('faultin_in')) return undefined;
    for (let next = place + 1; next < this.lines.length; next++) {
      const { event, text, pid: other } = this.lines[next];
      if (other !== pid) continue;
      if (event === 'faultin_in') return numberOf(fieldsOf(text).get('priv')) === 1;
      if (OUTSIDE.has(event)) return undefined;
    }
    return undefined;
  }
}
