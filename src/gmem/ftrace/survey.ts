/**
 * Survey: what has to be known of a trace before its first event is understood: where the file lies among the gfns, its
 * size, its inode, its locks, and how the addresses of folios lead to pfns. Everything is learned from the trace, by what
 * most lines say: one line that says something else is to be refused, and not believed. Imported by who reads traces.
 */

import { BEGINS_FALLOCATE } from './event-table.js';
import { faultedGfn, indexOf, inodeOf, PAGE_BYTES, type RecordedSpte, spteOf } from './kernel-fields.js';
import { fieldsOf, numberOf, type TraceLine } from './trace-lines.js';

/** What was learned. */
export interface Survey {
  /** Names of the events that the trace has. */
  readonly kinds: ReadonlySet<string>;
  /** First gfn of the file's memslot; undefined for a trace without a fault on it. */
  readonly baseGfn: number | undefined;
  readonly pages: number;
  readonly inode: number | undefined;
  readonly mmuLock: string | undefined;
  readonly invalidateLock: string | undefined;
  /** What is taken from the address of a struct folio, before it is divided by the size of one. */
  readonly vmemmap: bigint | undefined;
  /** Whether memory attributes are set: the file is for private memory alone. */
  readonly hasAttributes: boolean;
  /** Whether every unlock of a folio is recorded, that of a removed one too. */
  readonly hasAllUnlocks: boolean;
  /** The pfns of the file's folios, as far as the trace shows them being added to it. */
  readonly pfns: ReadonlySet<number>;
  /**
   * Whether the file or the VM was in use before: the sequence is further than what was recorded can have brought it, or
   * folios are found that nobody was seen to add. Where its creation is recorded it was not.
   */
  readonly isUsedBefore: boolean;
  /** Whether the sequence of invalidations goes on. */
  readonly isInvalidated: boolean;
  /** Whether folios leave the file while vCPUs still run. */
  readonly isTruncated: boolean;
  /** The last line of a fault, from 1; 0 for none. */
  readonly lastFault: number;
  /** By which page, of which size, ordinary memory was mapped. */
  readonly mappedBy: MappedBy;
}

/** Fields that hold mmu_invalidate_seq, or a sample of it. */
const SEQUENCES = ['seq', 'kseq', 'mmu_seq'];
/** Events with which a call begins that invalidates. */
const BEGINS_INVALIDATION: ReadonlySet<string> = new Set([...BEGINS_FALLOCATE, 'kvm_vm_set_mem_attributes']);
/** Bytes of a struct folio. */
const FOLIO_BYTES = 64n;
/** Events behind which a task takes the invalidate lock, or mmu_lock, before any other of the kind. */
const TAKES_LOCK: ReadonlySet<string> = new Set(['fallocate_in', 'ginv_start_in', 'faultin_out']);

/** Looks at a whole trace. */
export function surveyOf(lines: readonly TraceLine[]): Survey {
  const kinds = new Set<string>();
  const votes = {
    base: new Votes<number>(),
    inode: new Votes<number>(),
    mmuLock: new Votes<string>(),
    invalidateLock: new Votes<string>(),
    vmemmap: new Votes<bigint>(),
    size: new Votes<number>(),
    sequence: new Votes<number>(),
  };
  let last = 0;
  let hasAllUnlocks = true;
  const gfns = new Map<number, number>();
  const folios = new Map<number, bigint>();
  const pfns = new Set<number>();
  /** By task: the pfn of the folio that it added last, and has not unlocked. */
  const added = new Map<number, number>();
  /** Pages that were added before, those that were found and were not; by task: the page that it looks up. */
  const known = new Set<number>();
  const unknown = new Set<number>();
  const looked = new Map<number, number>();
  let lastFault = 0;
  /** Calls that invalidate, so far; and the least sequence with those that were begun when it was seen first. */
  let begun = 0;
  let least = { sequence: Number.POSITIVE_INFINITY, begun };
  const deletions: TraceLine[] = [];
  const mappedBy = new MappedBy();
  /** By task: the last event behind which the kernel takes a lock of the file or of the VM. */
  const entered = new Map<number, string>();
  for (const line of lines) {
    const { event, text, pid } = line;
    kinds.add(event);
    const fields = fieldsOf(text);
    const at = (key: string) => numberOf(fields.get(key));
    if (TAKES_LOCK.has(event)) entered.set(pid, event);
    for (const key of SEQUENCES) {
      const sequence = at(key);
      votes.sequence.add(sequence);
      if (sequence !== undefined && sequence < least.sequence) least = { sequence, begun };
    }
    if (BEGINS_INVALIDATION.has(event) && !text.startsWith('->')) begun++;
    switch (event) {
      case 'create_in':
        votes.size.add(at('size'));
        break;
      case 'kvm_page_fault':
        lastFault = line.line;
        gfns.set(pid, faultedGfn(line));
        break;
      case 'pf_in':
        lastFault = line.line;
        gfns.set(pid, at('gfn') ?? 0);
        break;
      case 'get_folio_in':
        votes.inode.add(at('ino'));
        looked.set(pid, at('index') ?? -1);
        if (gfns.has(pid)) votes.base.add(gfns.get(pid)! - (at('index') ?? 0));
        last = Math.max(last, at('index') ?? 0);
        break;
      case 'gmem_locks':
        votes.inode.add(at('ino'));
        break;
      case 'kvm_exit':
      case 'kvm_entry':
      case 'fallocate_in':
        gfns.delete(pid);
        break;
      case 'mm_filemap_add_to_page_cache': {
        const index = indexOf(fields);
        const pfn = at('pfn');
        known.add(index);
        if (pfn !== undefined) {
          pfns.add(pfn);
          added.set(pid, pfn);
        }
        if (!gfns.has(pid)) break;
        votes.base.add(gfns.get(pid)! - index);
        votes.inode.add(inodeOf(line));
        last = Math.max(last, index);
        break;
      }
      case 'get_folio_out':
        if (looked.has(pid) && !known.has(looked.get(pid)!)) unknown.add(looked.get(pid)!);
        looked.delete(pid);
        if (fields.has('folio')) folios.set(pid, bigOf(fields.get('folio')!));
        break;
      case 'get_pfn_out':
        if (folios.has(pid) && at('ret') === 0)
          votes.vmemmap.add(folios.get(pid)! - BigInt(at('pfn') ?? 0) * FOLIO_BYTES);
        break;
      case 'folio_unlock':
        if (!fields.has('mapping')) hasAllUnlocks = false;
        // Whoever adds a folio has it locked, and unlocks no other before it.
        if (added.has(pid) && fields.has('folio')) {
          votes.vmemmap.add(bigOf(fields.get('folio')!) - BigInt(added.get(pid)!) * FOLIO_BYTES);
        }
        added.delete(pid);
        break;
      case 'mm_filemap_delete_from_page_cache':
        deletions.push(line);
        break;
      case 'kvm_tdp_mmu_spte_changed':
      case 'kvm_mmu_set_spte':
        mappedBy.add(spteOf(line));
        break;
      case 'fallocate_out':
      case 'pf_out':
        entered.delete(pid);
        break;
      case 'down_write_out':
      case 'down_read_out':
        // The first lock that fallocate takes; symbols are not in every text.
        if (entered.get(pid) === 'fallocate_in') votes.invalidateLock.add(fields.get('sem'));
        entered.delete(pid);
        break;
      case 'mmul_raw_write_lock_out':
      case 'mmul_raw_read_lock_out': {
        const within = entered.get(pid);
        if (within === 'ginv_start_in' || within === 'faultin_out') votes.mmuLock.add(fields.get('lock'));
        else if (/kvm_gmem_invalidate_start|kvm_tdp_page_fault/.test(text)) votes.mmuLock.add(fields.get('lock'));
        break;
      }
      default:
    }
  }
  const size = votes.size.most;
  const pages = size === undefined ? last + 1 : size / PAGE_BYTES;
  return {
    kinds,
    baseGfn: votes.base.most,
    pages,
    // A punch brings it on by one, and by one more for each user PTE that it removes.
    isUsedBefore:
      (Number.isFinite(least.sequence) && least.sequence > least.begun * (1 + pages)) ||
      (kinds.has('mm_filemap_add_to_page_cache') && !kinds.has('create_in') && unknown.size > 0),
    inode: votes.inode.most,
    mmuLock: votes.mmuLock.most,
    invalidateLock: votes.invalidateLock.most,
    vmemmap: votes.vmemmap.most,
    hasAttributes: kinds.has('kvm_vm_set_mem_attributes'),
    hasAllUnlocks,
    pfns,
    lastFault,
    // One line that says something else may be wrong.
    isInvalidated: votes.sequence.saidTwice > 1,
    isTruncated: deletions.some((line) => line.line < lastFault && inodeOf(line) === votes.inode.most),
    mappedBy,
  };
}

/** Which leaf entries a trace shows: a huge page is one entry for all of its gfns. */
export class MappedBy {
  /** By count of gfns: the first ones. */
  readonly #leaves = new Map<number, Set<number>>();

  /** Whether the trace shows any. */
  get isKnown(): boolean {
    return this.#leaves.size > 0;
  }

  add(spte: RecordedSpte | undefined): void {
    if (spte === undefined || spte.pfn === 0 || spte.isTable) return;
    const { gfn, count } = spte;
    const leaves = this.#leaves.get(count) ?? new Set();
    this.#leaves.set(count, leaves.add(gfn - (gfn % count)));
  }

  /** The largest page that a gfn was mapped by; one page of one gfn where the trace shows none. */
  leafOf(gfn: number): { readonly gfn: number; readonly count: number } {
    const counts = [...this.#leaves].filter(([count, leaves]) => leaves.has(gfn - (gfn % count)));
    const count = Math.max(1, ...counts.map(([each]) => each));
    return { gfn: gfn - (gfn % count), count };
  }

  /** Whether the gfns of a leaf were also mapped by smaller ones, at other times. */
  isSplit({ gfn, count }: { readonly gfn: number; readonly count: number }): boolean {
    return [...this.#leaves].some(
      ([size, leaves]) => size < count && [...leaves].some((each) => each >= gfn && each < gfn + count),
    );
  }
}

/** The pfn of a folio by its address. */
export function pfnOfFolio(address: string | undefined, { vmemmap }: Pick<Survey, 'vmemmap'>): number | undefined {
  if (address === undefined || vmemmap === undefined) return undefined;
  return Number((bigOf(address) - vmemmap) / FOLIO_BYTES);
}

function bigOf(text: string): bigint {
  return /^0x[0-9a-f]+$|^\d+$/.test(text) ? BigInt(text) : 0n;
}

/** What most say. */
class Votes<T> {
  readonly #votes = new Map<T, number>();

  add(value: T | undefined): void {
    if (value !== undefined) this.#votes.set(value, (this.#votes.get(value) ?? 0) + 1);
  }

  /** How many values were said more than once. */
  get saidTwice(): number {
    return [...this.#votes.values()].filter((votes) => votes > 1).length;
  }

  get most(): T | undefined {
    let most: T | undefined;
    for (const [value, votes] of this.#votes) {
      if (most === undefined || votes > this.#votes.get(most)!) most = value;
    }
    return most;
  }
}
