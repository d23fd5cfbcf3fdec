/**
 * Probes: the shell script that records on a machine what `conform` reads: probes at the entry and return of the functions
 * in the table of recorded.ts, under its names and with the fields that its checks look at, and the kernel's own
 * tracepoints. Which of them a kernel has is found out where the script runs. Imported by the verb `conform`.
 */

import { SCRIPT_BODY } from './probes-body.js';

/** A probe: the event's name, where it lies, the functions that it may lie in (the first that there is), and its fields. */
type Probe = readonly [event: string, at: 'entry' | 'return', functions: string, fields: string];

const vcpu = 'vcpu=vcpu->vcpu_id:s32';
const gfn = 'gfn=fault->gfn:x64';
const ret = (type: string): string => `ret=$retval:${type}`;

/** The four fields of an invalidation, read from a `struct kvm *`. */
const invalidation = (kvm: string): string =>
  `seq=${kvm}->mmu_invalidate_seq:u64 inprog=${kvm}->mmu_invalidate_in_progress:s64 ` +
  `rs=${kvm}->mmu_invalidate_range_start:x64 re=${kvm}->mmu_invalidate_range_end:x64`;

const stale =
  `${vcpu} ${gfn} mmu_seq=fault->mmu_seq:u64 kseq=vcpu->kvm->mmu_invalidate_seq:u64 ` +
  'inprog=vcpu->kvm->mmu_invalidate_in_progress:s64 rs=vcpu->kvm->mmu_invalidate_range_start:x64 ' +
  're=vcpu->kvm->mmu_invalidate_range_end:x64';

const map = `${vcpu} ${gfn} pfn=fault->pfn:x64`;
const range = 'start=start:u64 end=end:u64';
const truncation = 'lstart=lstart:x64 lend=lend:x64';

/** Locks of every kind, of which a reader picks the VM's and the file's. */
const lockProbes = ['read', 'write'].flatMap((mode): Probe[] => [
  [`mmul_raw_${mode}_lock_in`, 'entry', `_raw_${mode}_lock`, 'lock=lock:x64'],
  [`mmul_raw_${mode}_lock_out`, 'return', `_raw_${mode}_lock`, 'lock=lock:x64'],
  [`mmul_raw_${mode}_unlock`, 'entry', `_raw_${mode}_unlock`, 'lock=lock:x64'],
  [`down_${mode}_in`, 'entry', `down_${mode}`, 'sem=sem:x64'],
  [`down_${mode}_out`, 'return', `down_${mode}`, 'sem=sem:x64'],
  [`up_${mode}`, 'entry', `up_${mode}`, 'sem=sem:x64'],
]);

const probes: readonly Probe[] = [
  ['create_in', 'entry', 'kvm_gmem_create', 'size=args->size:x64 flags=args->flags:x64'],
  ['create_out', 'return', 'kvm_gmem_create', 'fd=$retval:s32'],
  ['release_in', 'entry', 'kvm_gmem_release', 'ino=inode->i_ino:u64'],
  ['release_out', 'return', 'kvm_gmem_release', ''],
  ['pf_in', 'entry', 'kvm_tdp_page_fault', `${vcpu} ${gfn} addr=fault->addr:x64 err=fault->error_code:x64`],
  ['pf_out', 'return', 'kvm_tdp_page_fault', `${ret('s32')} ${vcpu} ${gfn}`],
  [
    ...(['faultin_in', 'entry', 'kvm_mmu_faultin_pfn'] as const),
    `${vcpu} ${gfn} err=fault->error_code:x64 write=fault->write:u8 exec=fault->exec:u8 priv=fault->is_private:u8`,
  ],
  [
    ...(['faultin_out', 'return', 'kvm_mmu_faultin_pfn'] as const),
    `${ret('s32')} ${vcpu} ${gfn} mmu_seq=fault->mmu_seq:u64 pfn=fault->pfn:x64`,
  ],
  ['get_pfn_in', 'entry', 'kvm_gmem_get_pfn', `gfn=gfn:x64 slot=slot->id:s16 ${invalidation('kvm')}`],
  ['get_pfn_out', 'return', 'kvm_gmem_get_pfn', `${ret('s32')} gfn=gfn:x64 pfn=+0($arg4):x64`],
  ['get_folio_in', 'entry', 'kvm_gmem_get_folio', 'ino=inode->i_ino:u64 index=index:u64'],
  ['get_folio_out', 'return', 'kvm_gmem_get_folio', 'folio=$retval:x64 index=index:u64'],
  ['stale_in', 'entry', 'is_page_fault_stale', stale],
  ['stale_out', 'return', 'is_page_fault_stale', `${ret('u8')} ${stale}`],
  ['map_in', 'entry', 'kvm_tdp_mmu_map', `${map} wr=fault->map_writable:u8`],
  ['map_out', 'return', 'kvm_tdp_mmu_map', `${ret('s32')} ${map}`],
  ['gmem_locks', 'entry', 'kvm_gmem_fallocate', 'ino=file->f_inode->i_ino:u64 mapping=file->f_mapping:x64'],
  ['fallocate_in', 'entry', 'kvm_gmem_fallocate', 'mode=mode:x32 offset=offset:x64 len=len:x64'],
  ['fallocate_out', 'return', 'kvm_gmem_fallocate', `${ret('s64')} offset=offset:x64 len=len:x64`],
  ['ginv_start_in', 'entry', '__kvm_gmem_invalidate_start kvm_gmem_invalidate_begin', range],
  ['ginv_start_out', 'return', '__kvm_gmem_invalidate_start kvm_gmem_invalidate_begin', range],
  ['inv_start_out', 'return', 'kvm_mmu_invalidate_start kvm_mmu_invalidate_begin', invalidation('kvm')],
  ['inv_add_out', 'return', 'kvm_mmu_invalidate_range_add', `start=start:x64 end=end:x64 ${invalidation('kvm')}`],
  ['unmap_in', 'entry', 'kvm_mmu_unmap_gfn_range', 'start=range->start:x64 end=range->end:x64'],
  ['unmap_out', 'return', 'kvm_mmu_unmap_gfn_range', 'flush=$retval:u8 start=range->start:x64 end=range->end:x64'],
  ['flush_in', 'entry', 'kvm_flush_remote_tlbs', 'kvm=kvm:x64'],
  ['flush_out', 'return', 'kvm_flush_remote_tlbs', 'kvm=kvm:x64'],
  ['inv_end_in', 'entry', 'kvm_mmu_invalidate_end', invalidation('kvm')],
  ['inv_end_out', 'return', 'kvm_mmu_invalidate_end', invalidation('kvm')],
  ['trunc_in', 'entry', 'truncate_inode_pages_range', `${truncation} ino=mapping->host->i_ino:u64`],
  ['trunc_out', 'return', 'truncate_inode_pages_range', truncation],
  ['findlock_in', 'entry', 'find_lock_entries', 'end=end:u64'],
  ['findlock_out', 'return', 'find_lock_entries', 'n=$retval:u32'],
  ['free_folio', 'entry', 'kvm_gmem_free_folio', 'folio=folio:x64'],
  [
    ...(['folio_unlock', 'entry', 'folio_unlock'] as const),
    'folio=folio:x64 index=folio->index:u64 mapping=folio->mapping:x64 magic=folio->mapping->host->i_sb->s_magic:x64',
  ],
  ['unmap_mapping_folio', 'entry', 'unmap_mapping_folio', 'folio=folio:x64 index=folio->index:u64'],
  [
    'ufault_in',
    'entry',
    'kvm_gmem_fault_user_mapping',
    'pgoff=vmf->pgoff:u64 addr=vmf->address:x64 flags=vmf->flags:x32',
  ],
  ['ufault_out', 'return', 'kvm_gmem_fault_user_mapping', `${ret('x32')} pgoff=vmf->pgoff:u64 page=vmf->page:x64`],
  ...lockProbes,
];

/** The kernel's own. */
const tracepoints: readonly string[] = [
  ...['kvm_entry', 'kvm_exit', 'kvm_page_fault', 'kvm_unmap_hva_range', 'kvm_vm_set_mem_attributes'].map(
    (name) => `kvm/${name}`,
  ),
  ...['kvmmmu/kvm_tdp_mmu_spte_changed', 'kvmmmu/kvm_mmu_set_spte'],
  ...['filemap/mm_filemap_add_to_page_cache', 'filemap/mm_filemap_delete_from_page_cache'],
  ...['syscalls/sys_enter_fallocate', 'syscalls/sys_exit_fallocate'],
];

/** The script. */
export function probesScript(): string {
  const lines = [
    ...probes.map(([event, at, functions, fields]) => `probe ${event} ${at} '${fields}' ${functions}`),
    ...tracepoints.map((event) => `tracepoint ${event}`),
  ];
  return SCRIPT_BODY.replace('@PROBES@\n', () => `${lines.join('\n')}\n`);
}
