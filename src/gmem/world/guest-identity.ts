/**
 * Guest identity: as whom a VM's vCPUs run on SEV-SNP. An ASID, by which the RMP names the owner of a page, is one of few, and given
 * to another guest when its own is gone; a guest may move to another VM, and takes its ASID along. Declared by the VM, in worlds
 * that have the part; elsewhere each VM has an ASID for ever.
 */

import type { Cell } from '../../core/ops/cell.js';
import type { ModelBuilder } from '../../model/model-builder.js';
import type { RwSem } from '../../primitives/lock.js';

/** The guest of one VM. */
export class GuestIdentity {
  /** sev->asid; 0: the guest is not launched yet, or has left. */
  readonly asid: Cell;
  /** Which guest it is, for two guests that had one ASID after each other are not one; the hardware does not know. */
  readonly guest: Cell;
  /** vcpu->mutex of all vCPUs: each holds its own while it runs, and a move takes them all. */
  readonly vcpuMutexes: RwSem;

  /** @param own the ASID that it has from the start, or 0 */
  constructor(m: ModelBuilder, named: (name: string) => string, own: number) {
    this.asid = m.cell(named('asid'), { initial: own });
    this.guest = m.cell(named('guest'), { initial: own });
    this.vcpuMutexes = m.rwsem(named('vcpu->mutex'));
  }
}
