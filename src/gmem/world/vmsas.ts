/**
 * Vmsas: the vCPUs of one VM that run on a VMSA page in the guest's memory, each by the gfn at which its page is. A vCPU that
 * the guest has made by AP creation (SEV-SNP) has its registers there. Declared by the VM, in worlds that have the part.
 */

import type { CellArray, RefCellArray } from '../../core/ops/cell.js';
import type { Frames } from './frames.js';
import type { PageArrays } from './parted.js';

/** Values of `requests`: there is no vCPU, a reload is asked for, and none is. */
export const NO_AP = 0;
export const RELOAD = 1;
export const NO_REQUEST = 2;

/** Values of `modes`. */
export const OUTSIDE = 0;
export const IN_GUEST = 1;
/** Kicked, and still in the guest. */
export const EXITING = 2;

/** The vCPUs of a VM with VMSA pages. */
export class Vmsas {
  /** vmcb->control.vmsa_pa of the vCPU; null is INVALID_PAGE. */
  readonly physicalAddresses: RefCellArray;
  /** Whether there is a vCPU, and its KVM_REQ_UPDATE_PROTECTED_GUEST_STATE. */
  readonly requests: CellArray;
  /** vcpu->mode */
  readonly modes: CellArray;

  constructor(arrays: PageArrays, named: (name: string) => string, gfns: number, { domain }: Frames) {
    this.physicalAddresses = arrays.refs(named('vmsa_pa'), gfns, domain);
    this.requests = arrays.cells(named('vcpu->requests'), gfns);
    this.modes = arrays.cells(named('vcpu->mode'), gfns);
  }
}
