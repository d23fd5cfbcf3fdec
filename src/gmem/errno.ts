/**
 * The kernel's error codes that the model returns (include/uapi/asm-generic/errno*.h), negated as the kernel does.
 * Imported by calls, schemes and reports.
 */

/** No such entry. */
export const ENOENT = 2;
/** The page could not be read or prepared. */
export const EIO = 5;
/** Somebody else was at it; the caller may try again. */
export const EAGAIN = 11;
/** No page frame is free. */
export const ENOMEM = 12;
/** The mapping does not allow it. */
export const EACCES = 13;
/** The attribute and the access disagree, or the folio is gone: the VMM is asked (KVM_EXIT_MEMORY_FAULT). */
export const EFAULT = 14;
/** Somebody holds it. */
export const EBUSY = 16;
/** There is one already. */
export const EEXIST = 17;
/** The range or the flags make no sense. */
export const EINVAL = 22;
/** Not an errno: what a user access gets when its fault ends in VM_FAULT_SIGBUS. */
export const SIGBUS = 1007;

/** The fault is taken once more. What kvm_mmu_do_page_fault() tells the run loop (arch/x86/kvm/mmu/mmu_internal.h). */
export const RET_PF_RETRY = 1;
/** The translation is there; from the same enum. */
export const RET_PF_FIXED = 2;
