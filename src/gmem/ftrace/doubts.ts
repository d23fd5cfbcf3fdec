/**
 * Doubts: what happened, or may have, that the trace does not show: a call whose beginning nobody recorded, another memslot's
 * invalidation. What has no explanation behind such a line may have one all the same, so it is not refused. Imported by who
 * reads traces.
 */

import { BEGINS_FALLOCATE } from './event-table.js';
import { spteOf } from './kernel-fields.js';
import { type At, isZap } from './scope.js';
import type { Survey } from './survey.js';
import type { TraceLine } from './trace-lines.js';
import type { LoggedAccess } from './user-log.js';

/** Something that the trace does not show, or that the model does not have. */
export interface Unrecorded {
  readonly what: string;
  /** From which line on; 0 for the whole trace. */
  readonly line: number;
}

/** Events that tell of user faults, and of what they have set. */
const USER_FAULTS = ['ufault_in', 'unmap_mapping_folio', 'kvm_unmap_hva_range'];

/** The doubts of one trace. */
export class Doubts {
  readonly #all: Unrecorded[] = [];

  constructor(readonly survey: Survey) {
    const { kinds, isInvalidated, isTruncated, isUsedBefore } = survey;
    const lacksAll = (events: readonly string[]) => !events.some((event) => kinds.has(event));
    const add = (what: string) => this.#all.push({ what, line: 0 });
    if (isUsedBefore) add('the VM or the file was in use before the recording begins');
    else if (isInvalidated && lacksAll([...BEGINS_FALLOCATE, 'kvm_vm_set_mem_attributes'])) {
      add('mmu_invalidate_seq is changed by calls that are not recorded');
    } else if (isTruncated && lacksAll(BEGINS_FALLOCATE)) add('folios leave the file by calls that are not recorded');
    else if (lacksAll(USER_FAULTS)) add('nothing is recorded of user faults');
  }

  /** Hears of a line of a call that nobody saw the beginning of, by a task that was not seen before. */
  hearOfUnknown({ event, line }: TraceLine): void {
    this.#all.push({ what: `${event} in a call that began before the recording did`, line });
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

/** What a log of accesses says of the trace beside it. */
export function doubtsOfLog({ kinds }: Survey, accesses: readonly LoggedAccess[]): readonly Unrecorded[] {
  if (kinds.has('ufault_in') || !accesses.some(({ by }) => by === 'host')) return [];
  return [{ what: 'the log has accesses through the user mapping, whose faults are not recorded', line: 0 }];
}
