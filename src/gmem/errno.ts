/**
 * The kernel's error codes that the model returns (include/uapi/asm-generic/errno*.h), negated as the kernel does.
 * Imported by calls, schemes and reports.
 */

export const ENOENT = 2;
export const EIO = 5;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EACCES = 13;
export const EFAULT = 14;
export const EBUSY = 16;
export const EEXIST = 17;
export const EINVAL = 22;
/** Not an errno: what a user access gets when its fault ends in VM_FAULT_SIGBUS. */
export const SIGBUS = 1007;

/** What kvm_mmu_do_page_fault() tells the vCPU run loop (enum in arch/x86/kvm/mmu/mmu_internal.h). */
export const RET_PF_RETRY = 1;
export const RET_PF_FIXED = 2;
