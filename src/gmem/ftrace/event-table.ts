/**
 * The table of events: which mark of the model's routines an event of a trace is the trace of, and in which calls it may
 * lie. conform.md in the documents tells why. Imported by who reads traces.
 */

/** A row of the table. */
export interface EventRow {
  readonly kind: 'enter' | 'leave' | 'tracepoint';
  /** The mark. */
  readonly name: string;
  /** What the event is counted among. */
  readonly group: string;
  /**
   * The events that begin a call in which alone it can lie; undefined where the kernel does the same for other memory and
   * other files, and the event says nothing when no call is open.
   */
  readonly within: readonly string[] | undefined;
}

/** Events with which fallocate begins: the function, and the system call around it. */
export const BEGINS_FALLOCATE: readonly string[] = ['fallocate_in', 'sys_fallocate'];

const FAULT = ['pf_in'];
const FALLOCATE = ['fallocate_in'];
const LOOKUP = ['pf_in', 'fallocate_in', 'ufault_in'];
const USER = ['ufault_in'];
const ATTRIBUTES = ['kvm_vm_set_mem_attributes'];
const ANYWHERE = undefined;

/** By name of the event. */
export const EVENT_TABLE: ReadonlyMap<string, EventRow> = new Map(
  (
    [
      ['pf_in', 'enter', 'kvm_tdp_page_fault', 'fault frames', ANYWHERE],
      ['pf_out', 'leave', 'kvm_tdp_page_fault', 'fault frames', FAULT],
      ['faultin_in', 'enter', 'kvm_mmu_faultin_pfn', 'fault frames', FAULT],
      ['faultin_out', 'leave', 'kvm_mmu_faultin_pfn', 'fault frames', FAULT],
      ['get_pfn_in', 'enter', 'kvm_gmem_get_pfn', 'get_pfn, get_folio', FAULT],
      ['get_pfn_out', 'leave', 'kvm_gmem_get_pfn', 'get_pfn, get_folio', FAULT],
      ['get_folio_in', 'enter', 'kvm_gmem_get_folio', 'get_pfn, get_folio', LOOKUP],
      ['get_folio_out', 'leave', 'kvm_gmem_get_folio', 'get_pfn, get_folio', LOOKUP],
      ['stale_in', 'enter', 'is_page_fault_stale', 'fault frames', FAULT],
      ['stale_out', 'leave', 'is_page_fault_stale', 'fault frames', FAULT],
      ['map_in', 'tracepoint', 'kvm_tdp_mmu_map', 'fault frames', FAULT],
      ['map_out', 'tracepoint', 'kvm_tdp_mmu_map returns', 'fault frames', FAULT],
      ['kvm_tdp_mmu_spte_changed', 'tracepoint', 'kvm_tdp_mmu_spte_changed', 'SPTE', ANYWHERE],
      ['kvm_mmu_set_spte', 'tracepoint', 'kvm_mmu_set_spte', 'SPTE', FAULT],
      ['mm_filemap_add_to_page_cache', 'tracepoint', 'mm_filemap_add_to_page_cache', 'page cache', LOOKUP],
      ['mm_filemap_delete_from_page_cache', 'tracepoint', 'mm_filemap_delete_from_page_cache', 'page cache', FALLOCATE],
      ['free_folio', 'enter', 'kvm_gmem_free_folio', 'page cache', FALLOCATE],
      ['folio_unlock', 'tracepoint', 'folio_unlock', 'folio lock', ANYWHERE],
      ['fallocate_in', 'tracepoint', 'kvm_gmem_fallocate', 'fallocate', ANYWHERE],
      ['fallocate_out', 'tracepoint', 'kvm_gmem_fallocate returns', 'fallocate', FALLOCATE],
      ['ginv_start_in', 'enter', '__kvm_gmem_invalidate_start', 'invalidation', FALLOCATE],
      ['ginv_start_out', 'leave', '__kvm_gmem_invalidate_start', 'invalidation', FALLOCATE],
      ['inv_start_out', 'tracepoint', 'kvm_mmu_invalidate_start returns', 'invalidation', FALLOCATE],
      ['unmap_in', 'tracepoint', 'kvm_mmu_unmap_gfn_range', 'invalidation', FALLOCATE],
      ['unmap_out', 'tracepoint', 'kvm_mmu_unmap_gfn_range returns', 'invalidation', FALLOCATE],
      ['flush_in', 'tracepoint', 'kvm_flush_remote_tlbs', 'invalidation', ANYWHERE],
      ['flush_out', 'tracepoint', 'kvm_flush_remote_tlbs returns', 'invalidation', ANYWHERE],
      ['inv_end_in', 'tracepoint', 'kvm_mmu_invalidate_end', 'invalidation', ANYWHERE],
      ['inv_end_out', 'tracepoint', 'kvm_mmu_invalidate_end returns', 'invalidation', ANYWHERE],
      ['trunc_in', 'enter', 'truncate_inode_pages_range', 'truncation', FALLOCATE],
      ['trunc_out', 'leave', 'truncate_inode_pages_range', 'truncation', FALLOCATE],
      ['findlock_in', 'tracepoint', 'find_lock_entries', 'truncation', FALLOCATE],
      ['findlock_out', 'tracepoint', 'find_lock_entries returns', 'truncation', FALLOCATE],
      ['unmap_mapping_folio', 'tracepoint', 'unmap_mapping_folio', 'user mapping', FALLOCATE],
      ['kvm_unmap_hva_range', 'tracepoint', 'kvm_unmap_hva_range', 'user mapping', ANYWHERE],
      ['ufault_in', 'enter', 'kvm_gmem_fault_user_mapping', 'user mapping', ANYWHERE],
      ['ufault_out', 'leave', 'kvm_gmem_fault_user_mapping', 'user mapping', USER],
      ['kvm_vm_set_mem_attributes', 'tracepoint', 'kvm_vm_set_mem_attributes', 'attributes', ANYWHERE],
      ['inv_add_out', 'tracepoint', 'kvm_mmu_invalidate_range_add returns', 'attributes', ATTRIBUTES],
      ['kvm_entry', 'tracepoint', 'kvm_entry', 'entry/exit/npf', ANYWHERE],
      ['kvm_exit', 'tracepoint', 'kvm_exit', 'entry/exit/npf', ANYWHERE],
      ['kvm_page_fault', 'tracepoint', 'kvm_page_fault', 'entry/exit/npf', ANYWHERE],
      ['sys_fallocate', 'tracepoint', 'sys_fallocate', 'fallocate', ANYWHERE],
      ['mmul_raw_read_lock_in', 'tracepoint', 'read_lock(mmu_lock)', 'mmu_lock', ANYWHERE],
      ['mmul_raw_read_lock_out', 'tracepoint', 'read_lock(mmu_lock) returns', 'mmu_lock', ANYWHERE],
      ['mmul_raw_read_unlock', 'tracepoint', 'read_unlock(mmu_lock)', 'mmu_lock', ANYWHERE],
      ['mmul_raw_write_lock_in', 'tracepoint', 'write_lock(mmu_lock)', 'mmu_lock', ANYWHERE],
      ['mmul_raw_write_lock_out', 'tracepoint', 'write_lock(mmu_lock) returns', 'mmu_lock', ANYWHERE],
      ['mmul_raw_write_unlock', 'tracepoint', 'write_unlock(mmu_lock)', 'mmu_lock', ANYWHERE],
      ['down_write_in', 'tracepoint', 'down_write(invalidate_lock)', 'invalidate_lock', ANYWHERE],
      ['down_write_out', 'tracepoint', 'down_write(invalidate_lock) returns', 'invalidate_lock', ANYWHERE],
      ['up_write', 'tracepoint', 'up_write(invalidate_lock)', 'invalidate_lock', ANYWHERE],
      ['down_read_in', 'tracepoint', 'down_read(invalidate_lock)', 'invalidate_lock', ANYWHERE],
      ['down_read_out', 'tracepoint', 'down_read(invalidate_lock) returns', 'invalidate_lock', ANYWHERE],
      ['up_read', 'tracepoint', 'up_read(invalidate_lock)', 'invalidate_lock', ANYWHERE],
    ] as const
  ).map(([event, kind, name, group, within]) => [event, { kind, name, group, within }]),
);
