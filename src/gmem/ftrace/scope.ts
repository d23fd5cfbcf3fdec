/**
 * Scope: which lines of a trace are about the file and its VM, and not about some other lock, inode or folio, or about what
 * the same task does elsewhere. Imported by who reads traces.
 */

import { inodeOf, spteOf } from './kernel-fields.js';
import { pfnOfFolio, type Survey } from './survey.js';
import { numberOf, type TraceLine } from './trace-lines.js';

/** What a task is at. */
export type At =
  | 'nothing'
  | 'fault'
  /** Behind its lookup, in which alone it has a folio locked. */
  | 'end of a fault'
  | 'fallocate'
  | 'user fault'
  /** The core installs the PTE, and gives the folio's lock up. */
  | 'end of a user fault'
  | 'attributes'
  /** Everything is set; mmu_lock is about to be released. */
  | 'end of attributes'
  /** Within no call that was seen to begin. */
  | 'unknown';

/** Whether a line is about the file, of a task that is at something. */
export function isAbout(line: TraceLine, fields: ReadonlyMap<string, string>, at: At, survey: Survey): boolean {
  const { event } = line;
  const { mmuLock, invalidateLock, inode, pfns } = survey;
  const isInode = () => !fields.has('ino') || numberOf(fields.get('ino')) === inode;
  if (event.startsWith('mmul_')) return fields.get('lock') === mmuLock && at !== 'nothing';
  if (event.startsWith('down_') || event.startsWith('up_')) {
    return fields.get('sem') === invalidateLock && at !== 'nothing';
  }
  if (event.startsWith('mm_filemap_')) return inodeOf(line) === inode;
  switch (event) {
    case 'kvm_tdp_mmu_spte_changed': {
      const spte = spteOf(line);
      const isLeaf = spte?.isTable === false && (spte.pfn !== 0 || spte.count === 1);
      // A device's page that comes or goes is nothing of the file's.
      if (spte?.pfn === 0 && spte.oldPfn === 0) return false;
      return isLeaf && (at !== 'nothing' || !isZap(line));
    }
    case 'folio_unlock': {
      const pfn = pfnOfFolio(fields.get('folio'), survey);
      return at !== 'nothing' && at !== 'end of a fault' && (pfn === undefined || pfns.size === 0 || pfns.has(pfn));
    }
    // Of other mappings only KVM's own notifier would say whether they are a memslot's.
    case 'kvm_unmap_hva_range':
      return at === 'fallocate';
    case 'trunc_in':
      return at === 'fallocate' && isInode();
    case 'trunc_out':
    case 'findlock_in':
    case 'findlock_out':
    case 'free_folio':
      return at === 'fallocate';
    case 'get_folio_in':
      return isInode();
    case 'unmap_mapping_folio':
    case 'flush_in':
    case 'flush_out':
      return at !== 'nothing';
    default:
      return true;
  }
}

/** Whether an SPTE is gone: what is written names no page. */
export function isZap(line: TraceLine): boolean {
  return line.event === 'kvm_tdp_mmu_spte_changed' && spteOf(line)?.pfn === 0;
}
