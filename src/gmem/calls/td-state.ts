/**
 * The way of a TD to its first run: its vCPUs are made, its image is added and measured, it is finalized; KVM_RUN before that is
 * -EINVAL, and all the others are behind it (arch/x86/kvm/vmx/tdx.c; keys: docs/kernel.md). Imported by the registry, by what builds
 * worlds, and by populate.
 *
 * Left out: that the process is killed while it waits for a vCPU's mutex (-EINTR), vCPUs that are being created (-EBUSY), and
 * KVM_TDX_INIT_VM.
 */

import type { Cell } from '../../core/ops/cell.js';
import type { Op } from '../../core/ops/op.js';
import { atomic, type Routine } from '../../core/ops/routine.js';
import { EINVAL } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import { type CallKind, callKind } from './call-kind.js';

/** A step of the launch that is about the TD as a whole. */
const launchStep = {
  keepsSlots: true,
  by: 'host',
  pages: 'none',
  takes: {},
  needs: ['tdState'],
  launches: true,
} as const;

/** KVM_TDX_FINALIZE_VM */
export const finalizeCall = callKind({
  ...launchStep,
  name: 'finalize',
  words: () => 'finalize the TD',
  routine: (g) => () => inFunction('tdx_td_finalize', g.version, () => finalize(g)),
});

/** KVM_TDX_INIT_VCPU of a vCPU that makes no calls. */
export const initVcpuCall = callKind({
  ...launchStep,
  name: 'init-vcpu',
  words: () => 'initialize a vCPU',
  routine: (g) => () => inFunction('tdx_vcpu_init', g.version, () => initVcpu(g)),
});

/** A call as it is where a TD has a state: those of its launch are guarded. */
export function inTdState(kind: CallKind): CallKind {
  if (kind.launches !== true) return kind;
  const routine: CallKind['routine'] = (g, values) => {
    const body = kind.routine(g, values);
    return (...gfns) => g.scheme.guardTdState(g, () => body(...gfns));
  };
  return { ...kind, routine };
}

/**
 * KVM_RUN with its vCPU's mutex, in worlds where somebody takes those of all vCPUs: each is a reader of one lock. A TD that has a
 * state has to be runnable (tdx_vcpu_pre_run()): -EINVAL.
 */
export function* inVcpuRun(g: Gmem, run: () => Routine<number>): Routine<number> {
  const { vcpuMutexes, tdState } = g.file.vm;
  if (vcpuMutexes === undefined) return yield* run();
  yield* vcpuMutexes.downRead().named('mutex_lock_killable(vcpu->mutex)');
  const result = tdState === undefined || (yield* isRunnable(g)) ? yield* run() : -EINVAL;
  yield* vcpuMutexes.upRead().named('mutex_unlock(vcpu->mutex)');
  return result;
}

/** tdx_acquire_vm_state_locks(), but for slots_lock, which comes last and which each of the ioctls is said to take. */
export function* underAllLocks(g: Gmem, body: () => Routine<number>): Routine<number> {
  const { vcpuMutexes, tdState } = g.file.vm;
  yield* tdState!.kvmLock.lock();
  yield* vcpuMutexes!.downWrite();
  const result = yield* body();
  yield* vcpuMutexes!.upWrite();
  yield* tdState!.kvmLock.unlock();
  return result;
}

/** Whether a TD is runnable, and its image is closed; never in worlds where it has no state. */
export function* isRunnable(g: Gmem): Routine<boolean> {
  const { tdState } = g.file.vm;
  return tdState !== undefined && (yield* tdState.runnable.read()) === 1;
}

function* finalize(g: Gmem): Routine<number> {
  const { runnable } = g.file.vm.tdState!;
  yield* g.slotsLock.lock();
  const isLate = yield* isRunnable(g);
  if (!isLate) {
    yield* atomic('TDH.MR.FINALIZE', () => alone(g));
    yield* runnable.write(1).named('kvm_tdx->state = TD_STATE_RUNNABLE');
  }
  yield* g.slotsLock.unlock();
  return isLate ? -EINVAL : 0;
}

/** TDH.VP.CREATE shares the TDCS for as long as it takes. */
function* initVcpu(g: Gmem): Routine<number> {
  if (yield* isRunnable(g)) return -EINVAL;
  const { sharers } = g.file.vm.tdState!;
  yield* sharers.add(1).named('TDH.VP.CREATE');
  yield* sharers.add(-1).named('TDH.VP.CREATE is done');
  return 0;
}

/** A SEAMCALL that needs the TDCS for itself, in worlds where others may have it: KVM takes it for a bug if it is busy. */
export function* alone(g: Gmem): Routine {
  const { tdState } = g.file.vm;
  if (tdState !== undefined) yield* nobodyShares(tdState.sharers);
}

const TDCS_BUSY =
  'the TDX module refuses a SEAMCALL because another one has the control structure of the TD, and KVM marks the VM as dead';

function nobodyShares(sharers: Cell): Op<void> {
  return sharers.apply<void>('the TDCS is free', 'none', {
    violation: (count) => (count === 0 ? undefined : { kind: 'vm-dead', words: TDCS_BUSY }),
  });
}
