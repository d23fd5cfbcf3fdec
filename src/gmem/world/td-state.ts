/**
 * TdState: how far a TD has come on its way to its first run, and the locks that KVM takes to bring it there. Declared by a VM in
 * worlds that have the part.
 */

import type { Cell } from '../../core/ops/cell.js';
import type { ModelBuilder } from '../../model/model-builder.js';
import type { Mutex } from '../../primitives/lock.js';

/** The state of one TD. */
export class TdState {
  /** kvm_tdx->state: whether the TD is runnable. */
  readonly runnable: Cell;
  /** kvm->lock */
  readonly kvmLock: Mutex;
  /** How many SEAMCALLs share the control structure of the TD (TDCS), which others need for themselves. */
  readonly sharers: Cell;

  constructor(m: ModelBuilder, named: (name: string) => string) {
    this.runnable = m.cell(named('td_runnable'));
    this.kvmLock = m.mutex(named('kvm_lock'));
    this.sharers = m.cell(named('tdcs_sharers'));
  }
}
