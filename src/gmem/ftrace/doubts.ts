/**
 * Doubts: what happened, or may have, that the trace does not show: a call whose beginning nobody recorded, another memslot's
 * invalidation. What has no explanation behind such a line may have one all the same, so it is not refused. Imported by who
 * reads traces.
 */

import { spteOf } from './kernel-fields.js';
import { type At, isZap } from './scope.js';
import type { Survey } from './survey.js';
import type { TraceLine } from './trace-lines.js';

/** Something that the trace does not show, or that the model does not have. */
export interface Unrecorded {
  readonly what: string;
  /** From which line on; 0 for the whole trace. */
  readonly line: number;
}

/** Events with which a call begins that invalidates. */
const BEGINS_INVALIDATION = ['fallocate_in', 'sys_fallocate', 'kvm_vm_set_mem_attributes'];

/** The doubts of one trace. */
export class Doubts {
  readonly #all: Unrecorded[] = [];

  constructor(readonly survey: Survey) {
    const { kinds, isInvalidated } = survey;
    if (isInvalidated && !BEGINS_INVALIDATION.some((event) => kinds.has(event))) {
      this.#all.push({ what: 'mmu_invalidate_seq is changed by calls that are not recorded', line: 0 });
    }
  }

  /** In the order in which they came. */
  get all(): readonly Unrecorded[] {
    return this.#all;
  }

  /**
   * Hears a line.
   *
   * @param since the last line before it that was of a call of its task
   */
  hear(line: TraceLine, at: At, since: number): void {
    const { kinds, lastFault } = this.survey;
    const { event } = line;
    const isUnmap = event === 'kvm_unmap_hva_range';
    const add = (what: string, from = line.line) => this.#all.push({ what, line: from });
    if (at === 'fallocate' && (isUnmap || event === 'unmap_mapping_folio') && !kinds.has('ufault_in')) {
      add('a user PTE is removed, and who set it is not recorded');
    } else if (isUnmap && at !== 'fallocate' && !kinds.has('inv_end_in') && !kinds.has('inv_end_out')) {
      add("KVM's MMU notifier may invalidate other memory, which is not recorded");
    } else if (at === 'nothing' && isZap(line) && (spteOf(line)?.oldPfn ?? 0) !== 0 && line.line < lastFault) {
      add('SPTEs are zapped by a call that is not recorded, as where a memslot is deleted', since);
    }
  }
}
