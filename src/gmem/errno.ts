/**
 * The kernel's error codes that the model returns (include/uapi/asm-generic/errno*.h), negated as the kernel does.
 * Imported by calls, schemes and reports.
 */

/** No such entry. */
export const ENOENT = 2;
/** The page could not be read or prepared. */
export const EIO = 5;
/** There is no such descriptor. */
export const EBADF = 9;
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
/** There is nothing there that could do it. */
export const ENODEV = 19;
/** This version has no such thing. */
export const EOPNOTSUPP = 95;
/** The memory of the page has failed. */
export const EHWPOISON = 133;
/** Not an errno: what a user access gets when its fault ends in VM_FAULT_SIGBUS. */
export const SIGBUS = 1007;

/** The fault is taken once more. What kvm_mmu_do_page_fault() tells the run loop (arch/x86/kvm/mmu/mmu_internal.h). */
export const RET_PF_RETRY = 1;
/** The translation is there; from the same enum. */
export const RET_PF_FIXED = 5;

/** Nothing is there to be mapped, and the instruction is emulated; from the same enum. */
export const RET_PF_EMULATE = 2;

/** The translation was there already; from the same enum. */
export const RET_PF_SPURIOUS = 6;

const names = {
  ENOENT,
  EIO,
  EBADF,
  EAGAIN,
  ENOMEM,
  EACCES,
  EFAULT,
  EBUSY,
  EEXIST,
  ENODEV,
  EINVAL,
  EOPNOTSUPP,
  EHWPOISON,
};

/** A negative errno by its name; undefined for whatever is none. */
export function errnoText(value: unknown): string | undefined {
  if (typeof value !== 'number' || value >= 0) return undefined;
  const name = Object.entries(names).find(([, errno]) => errno === -value)?.[0];
  return name === undefined ? String(value) : `-${name}`;
}

/** What a function of the fault returned: one of RET_PF_* or an errno; undefined for RET_PF_CONTINUE. */
export function retPfText(value: unknown): string | undefined {
  if (value === RET_PF_RETRY) return 'RET_PF_RETRY';
  if (value === RET_PF_SPURIOUS) return 'RET_PF_SPURIOUS';
  if (value === RET_PF_EMULATE) return 'RET_PF_EMULATE';
  return value === RET_PF_FIXED ? 'RET_PF_FIXED' : errnoText(value);
}

/** What vmf_error() makes of an errno; undefined when the fault went well. */
export function vmFaultText(value: unknown): string | undefined {
  if (typeof value !== 'number' || value >= 0) return undefined;
  return value === -ENOMEM ? 'VM_FAULT_OOM' : 'VM_FAULT_SIGBUS';
}
