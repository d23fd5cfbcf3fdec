/**
 * TdState: how far a TD has come on its way to its first run, and the locks that KVM takes to bring it there. Declared by a VM in
 * worlds that have the part.
 */

import type { Cell } from '../../core/ops/cell.js';
import type { ModelBuilder } from '../../model/model-builder.js';
import type { Mutex, RwSem } from '../../primitives/lock.js';

/** The state of one TD. */
export class TdState {
  /** kvm_tdx->state: whether the TD is runnable. */
  readonly runnable: Cell;
  /** kvm->lock */
  readonly kvmLock: Mutex;
  /** Every vcpu->mutex: a vCPU holds its own one, and who has all of them keeps each vCPU out. */
  readonly vcpuMutexes: RwSem;
  /** How many SEAMCALLs share the control structure of the TD (TDCS), which others need for themselves. */
  readonly sharers: Cell;

  constructor(m: ModelBuilder, named: (name: string) => string) {
    this.runnable = m.cell(named('td_runnable'));
    this.kvmLock = m.mutex(named('kvm_lock'));
    this.vcpuMutexes = m.rwsem(named('vcpu_mutexes'));
    this.sharers = m.cell(named('tdcs_sharers'));
  }
}
