/**
 * KVM_PRE_FAULT_MEMORY: the VMM has a vCPU map gfns that the guest has not touched yet (kvm_vcpu_pre_fault_memory(),
 * virt/kvm/kvm_main.c; kvm_tdp_map_page(), arch/x86/kvm/mmu/mmu.c; keys: docs/kernel.md). All of it is one read section of SRCU, and
 * a fault that has to be taken again is taken again within it. Imported by the registry and by mutations.
 *
 * Left out: signals (-EINTR), and -EOPNOTSUPP before the launch is over, for which vCPUs of a scenario wait with the gate on.
 */

import { here, type Routine } from '../../core/ops/routine.js';
import { EAGAIN, EIO, ENOENT, RET_PF_EMULATE, RET_PF_RETRY } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Gfn } from '../scheme.js';
import { callKind } from './call-kind.js';
import { faultWithSlot, readingSlots, reloadRoots } from './memslots.js';
import { tdpMmuPageFault } from './page-fault.js';
import { isDead } from './sept.js';
import { inVcpuRun } from './td-state.js';

/** A vCPU maps gfns ahead of the guest. */
export const preFaultCall = callKind({
  name: 'pre-fault',
  by: 'vcpu',
  pages: 'range',
  takes: {},
  words: (gfns) => `pre-fault ${gfns}`,
  routine:
    (g) =>
    (...gfns) =>
      inVcpuRun(g, () => preFault(g, gfns)),
});

/** kvm_vcpu_pre_fault_memory(): 0 once a page is mapped, though others behind it are not; else a negative errno. */
function* preFault(g: Gmem, gfns: readonly Gfn[]): Routine<number> {
  const body = () => mapEach(g, gfns);
  return yield* inFunction('kvm_vcpu_pre_fault_memory', g.version, () =>
    g.memslots === undefined ? body() : readingSlots(g, body),
  );
}

function* mapEach(g: Gmem, gfns: readonly Gfn[]): Routine<number> {
  for (const [done, gfn] of gfns.entries()) {
    const isPrivate = yield* g.isPrivate(gfn);
    const error = yield* mapPage(g, gfn, isPrivate);
    if (error !== 0) return done === 0 ? error : 0;
  }
  return 0;
}

/** kvm_tdp_map_page() */
function* mapPage(g: Gmem, gfn: Gfn, isPrivate: boolean): Routine<number> {
  yield* reloadRoots(g);
  const again = yield* here();
  if (yield* isDead(g)) return -EIO;
  const result =
    g.memslots === undefined
      ? yield* tdpMmuPageFault(g, gfn, isPrivate)
      : yield* faultWithSlot(g, gfn, isPrivate, tdpMmuPageFault, true);
  if (result === RET_PF_RETRY) return yield* again();
  if (result === -EAGAIN && !(yield* g.scheme.leavesInvalidSlot(g, gfn, 'pre-fault'))) return yield* again();
  if (result === RET_PF_EMULATE) return -ENOENT;
  return Math.min(result, 0);
}
