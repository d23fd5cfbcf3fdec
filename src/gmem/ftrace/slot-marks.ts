/**
 * Slot marks: which lines of a trace tell that the memslot of the file is deleted and made again, and what they are marks of. Who
 * takes a lock the kernel prints only when the lock was got, so this looks ahead. Imported by who reads traces.
 */

import { spteOf } from './kernel-fields.js';
import type { RecordedCall } from './recorded-call.js';
import type { Survey } from './survey.js';
import { fieldsOf, type TraceLine } from './trace-lines.js';

/** What a line is of a change of the memslot. */
export interface SlotMark {
  /** The call that begins with it. */
  readonly begins?: RecordedCall;
  /** The mark of the model that it is the trace of; undefined where it is only said that the line is known. */
  readonly name?: string;
}

/** Functions of the kernel that hold mmu_lock to take the mappings of a memslot away, and those that bind. */
const FLUSHES = /kvm_arch_flush_shadow_memslot|kvm_mmu_zap_all_fast|kvm_mmu_zap_memslot/;
const UNBINDS = /kvm_gmem_unbind/;
const BINDS = /kvm_gmem_bind|kvm_gmem_commit_memory_region/;
const BINDS_LAST = /kvm_gmem_commit_memory_region/;

const INVALIDATE_LOCK: ReadonlyMap<string, string> = new Map([
  ['down_write_in', 'down_write(invalidate_lock)'],
  ['down_write_out', 'down_write(invalidate_lock) returns'],
  ['up_write', 'up_write(invalidate_lock)'],
]);
const MMU_LOCK: ReadonlyMap<string, string> = new Map([
  ['mmul_raw_write_lock_in', 'write_lock(mmu_lock)'],
  ['mmul_raw_write_lock_out', 'write_lock(mmu_lock) returns'],
  ['mmul_raw_write_unlock', 'write_unlock(mmu_lock)'],
]);

/** The marks of a trace, by line number. */
export function slotMarksOf(lines: readonly TraceLine[], survey: Survey): ReadonlyMap<number, SlotMark> {
  const marks = new Map<number, SlotMark>();
  const byTask = new Map<number, TraceLine[]>();
  for (const line of lines) {
    const own = byTask.get(line.pid) ?? [];
    if (own.length === 0) byTask.set(line.pid, own);
    own.push(line);
  }
  for (const own of byTask.values()) new TaskMarks(own, survey, marks).find();
  return marks;
}

class TaskMarks {
  /** What the task is at. */
  #flushes: 'all-roots' | 'leaves' | undefined;
  /** Whether its last look at the file's memslot was the end of one. */
  #isDeleted = false;

  constructor(
    readonly lines: readonly TraceLine[],
    readonly survey: Survey,
    readonly marks: Map<number, SlotMark>,
  ) {}

  find(): void {
    for (let place = 0; place < this.lines.length; place++) place = this.#at(place);
  }

  /** Looks at a line. The place of the last line that it has understood. */
  #at(place: number): number {
    const { event, line } = this.lines[place];
    const isDeleting = this.#flushes !== undefined;
    if (event === 'mmul_raw_write_lock_in' && !isDeleting && FLUSHES.test(this.#callerOf(place))) {
      return this.#flush(place);
    }
    if (event === 'down_write_in' && isDeleting && UNBINDS.test(this.#callerOf(place))) {
      this.#flushes = undefined;
      this.#isDeleted = true;
      return this.#trio(place, INVALIDATE_LOCK);
    }
    if (event === 'down_write_in' && this.#isDeleted && BINDS.test(this.#callerOf(place))) {
      this.#isDeleted = false;
      const binds = BINDS_LAST.test(this.#callerOf(place)) ? 'last' : 'first';
      return this.#trio(place, INVALIDATE_LOCK, { call: 'create-slot', binds });
    }
    if (event === 'unbind_in' && isDeleting) this.marks.set(line, {});
    if (event === 'kvm_tdp_mmu_spte_changed' && isDeleting) {
      // Behind the flush only roots that are obsolete are taken apart, with their page tables, and leaves of other memory.
      this.marks.set(line, this.#isLeaf(place) ? { name: 'a leaf of an obsolete root' } : {});
    }
    return place;
  }

  /** kvm_arch_flush_shadow_memslot(): from the lock to its release. */
  #flush(place: number): number {
    let end = place;
    while (end < this.lines.length - 1 && this.lines[end].event !== 'mmul_raw_write_unlock') end++;
    const within = Array.from({ length: end - place }, (_, k) => place + k).filter((at) => this.#isLeaf(at));
    const next = this.lines.slice(end + 1).find(({ event }) => event.startsWith('mmul_'));
    const flushes = within.length > 0 || next?.event !== 'mmul_raw_read_lock_in' ? 'leaves' : 'all-roots';
    this.#flushes = flushes;
    for (const at of within) this.marks.set(this.lines[at].line, { name: 'kvm_tdp_mmu_spte_changed to none' });
    return this.#trio(place, MMU_LOCK, { call: 'delete-slot', flushes });
  }

  /** A lock that is waited for, taken and released. */
  #trio(place: number, names: ReadonlyMap<string, string>, begins?: RecordedCall): number {
    const lock = this.#lockOf(this.lines[place]);
    const [, , release] = [...names.keys()];
    let at = place;
    for (; at < this.lines.length; at++) {
      const each = this.lines[at];
      const name = names.get(each.event);
      if (name === undefined || this.#lockOf(each) !== lock) continue;
      this.marks.set(each.line, at === place && begins !== undefined ? { begins, name } : { name });
      if (each.event === release) break;
    }
    return at;
  }

  /** An entry of one page of the file that is gone. */
  #isLeaf(place: number): boolean {
    const line = this.lines[place];
    const spte = line.event === 'kvm_tdp_mmu_spte_changed' ? spteOf(line) : undefined;
    if (spte === undefined || spte.count !== 1 || spte.pfn !== 0 || (spte.oldPfn ?? 0) === 0) return false;
    const page = spte.gfn - (this.survey.baseGfn ?? 0);
    return page >= 0 && page < this.survey.pages;
  }

  /** What the line says that tells that the lock was got which a line asks for. */
  #callerOf(place: number): string {
    const asks = this.lines[place];
    const lock = this.#lockOf(asks);
    const isOurs = asks.event.startsWith('mmul_') ? lock === this.survey.mmuLock : lock === this.survey.invalidateLock;
    if (!isOurs) return '';
    const got = asks.event.replace(/_in$/, '_out');
    for (let at = place + 1; at < this.lines.length; at++) {
      const each = this.lines[at];
      if (each.event === got && this.#lockOf(each) === lock) return each.text;
      if (each.event === asks.event && this.#lockOf(each) === lock) return '';
    }
    return '';
  }

  #lockOf({ text }: TraceLine): string | undefined {
    const fields = fieldsOf(text);
    return fields.get('lock') ?? fields.get('sem');
  }
}
