/**
 * SEAMCALLs that are busy, where the scenario has them (arch/x86/kvm/vmx/tdx.c, arch/x86/kvm/mmu/tdp_mmu.c; keys: docs/kernel.md). To
 * add a page KVM freezes the entry of its mirror, asks the module, and publishes the new entry or restores the old one; a fault that
 * meets a frozen entry is taken again. To take pages away it holds mmu_lock for write, so a call that was busy can be made again with
 * every vCPU held out of the guest, and is not busy then. Imported by what maps, zaps and splits in the S-EPT, and by the guest.
 */

import { choose } from '../../core/ops/choice.js';
import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { RET_PF_FIXED, RET_PF_RETRY, RET_PF_SPURIOUS, retPfText } from '../errno.js';
import type { Gmem } from '../gmem.js';
import type { Gfn } from '../scheme.js';
import { blockOf } from '../world/folio-ref.js';

/** The steps that add a leaf. */
export interface Addition {
  /** The gfns of the leaf: of as large a one as may be mapped, or of the page alone. */
  leafOf(isLarge: boolean): readonly Gfn[];
  /** The SEAMCALL as the columns show it. */
  label(isLarge: boolean): string;
  /** What it does when it is not busy. */
  add(isLarge: boolean): Routine;
  /** Whether a leaf of as large as may be mapped must not become one of the page alone: the fault is then taken again. */
  readonly isLargeOnly: boolean;
}

/** Whoever has the lock of the module that a SEAMCALL needs gives it back. */
const NOT_FOR_EVER = { outcomes: ['no', 'yes'], fair: true } as const;

/** tdp_mmu_set_spte_atomic() of a mirror: RET_PF_FIXED, RET_PF_SPURIOUS, or RET_PF_RETRY. */
export function* freezeAndAdd(g: Gmem, gfn: Gfn, order: number, addition: Addition): Routine<number> {
  const { leafOf, label, add, isLargeOnly } = addition;
  const frozen = g.file.vm.frozen!;
  const started = yield* atomic<'2M' | '4K' | number>(
    'cmpxchg(spte of $i, FROZEN)',
    function* () {
      if ((yield* frozen.at(gfn).read()) === 1) return RET_PF_RETRY;
      if (yield* g.privateSptes.at(gfn).holds()) return RET_PF_SPURIOUS;
      const isLarge = order > 0 && (yield* isEmpty(g, gfn));
      if (isLargeOnly && order > 0 && !isLarge) return RET_PF_RETRY;
      for (const page of leafOf(isLarge)) yield* frozen.at(page).write(1);
      return isLarge ? '2M' : '4K';
    },
    (result) => (typeof result === 'number' ? retPfText(result) : undefined),
  );
  if (typeof started === 'number') return started;
  const isLarge = started === '2M';
  if ((yield* choose(2, 'TDH.MEM.PAGE.AUG is busy', NOT_FOR_EVER)) === 1) {
    yield* atomic('spte of $i = the old one', function* () {
      for (const page of leafOf(isLarge)) yield* frozen.at(page).cmpxchg(1, 0);
    });
    return RET_PF_RETRY;
  }
  yield* atomic(label(isLarge), () => add(isLarge));
  yield* atomic('spte of $i = the new one', function* () {
    for (const page of leafOf(isLarge)) yield* frozen.at(page).write(0);
  });
  return RET_PF_FIXED;
}

/** Whether a block has no page table, and none is about to be filled. */
function* isEmpty(g: Gmem, gfn: Gfn): Routine<boolean> {
  for (const page of blockOf(gfn)) {
    if (yield* g.privateSptes.at(page).holds()) return false;
    if ((yield* g.file.vm.frozen!.at(page).read()) === 1) return false;
  }
  return true;
}

/** Whether the first try to block the leaf at a gfn is busy, where the scenario lets it. */
export function* blockIsBusy(g: Gmem, gfn: Gfn): Routine<boolean> {
  if (g.file.vm.heldOut === undefined || !(yield* g.privateSptes.at(gfn).holds())) return false;
  return (yield* choose(2, 'TDH.MEM.RANGE.BLOCK is busy', ['no', 'yes'])) === 1;
}

/** What comes of a second try that meets a vCPU. */
const BUSY_AGAIN =
  'a vCPU is in the guest while a SEAMCALL is tried again: it is busy once more, and KVM marks the VM as dead';

/** tdh_do_no_vcpus(): where the first try was busy, makes the second one with every vCPU held out of the guest. */
export function* heldOutIf<T>(g: Gmem, isBusy: boolean, section: () => Routine<T>): Routine<T> {
  const { heldOut } = g.file.vm;
  if (!isBusy || heldOut === undefined) return yield* section();
  yield* heldOut.write(1).named('tdx_no_vcpus_enter_start()');
  yield* heldOut.apply<void>('the second try, % == 1', 'none', {
    violation: (held) => (held === 1 ? undefined : { kind: 'vm-dead', words: BUSY_AGAIN }),
  });
  const result = yield* section();
  yield* heldOut.write(0).named('tdx_no_vcpus_enter_stop()');
  return result;
}

/** Whether vCPUs are held out of the guest now: who would enter it comes back at once. */
export function* isHeldOut(g: Gmem): Routine<boolean> {
  const { heldOut } = g.file.vm;
  return heldOut !== undefined && (yield* heldOut.read()) === 1;
}

/** Waits until vCPUs may enter the guest again; KVM has them try all the time. */
export function* untilLetIn(g: Gmem): Routine {
  yield* g.file.vm.heldOut!.waitUntil((held) => held === 0);
}

/** Whether an event has a vCPU leave the retries of its exit handler, where SEAMCALLs are busy and it may matter. */
export function* hasEvent(g: Gmem): Routine<boolean> {
  return g.file.vm.frozen !== undefined && (yield* choose(2, 'an event is pending', ['no', 'yes'])) === 1;
}
