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

/** KVM_TDX_FINALIZE_VM */
export const finalizeCall = callKind({
  name: 'finalize',
  keepsSlots: true,
  by: 'host',
  pages: 'none',
  takes: {},
  needs: ['tdState'],
  launches: true,
  words: () => 'finalize the TD',
  routine: (g) => () => inFunction('tdx_td_finalize', g.version, () => finalize(g)),
});

/** KVM_TDX_INIT_VCPU of a vCPU that makes no calls. */
export const initVcpuCall = callKind({
  name: 'init-vcpu',
  keepsSlots: true,
  by: 'host',
  pages: 'none',
  takes: {},
  needs: ['tdState'],
  launches: true,
  words: () => 'initialize a vCPU',
  routine: (g) => () => inFunction('tdx_vcpu_init', g.version, () => initVcpu(g)),
});

/** A call as it is where a TD has a state: a vCPU holds its mutex and has to be runnable, the launch is guarded. */
export function inTdState(kind: CallKind): CallKind {
  if (kind.by === 'vcpu') return { ...kind, routine: wrapped(kind, runTd) };
  return kind.launches === true
    ? { ...kind, routine: wrapped(kind, (g, body) => g.scheme.guardTdState(g, body)) }
    : kind;
}

function wrapped(kind: CallKind, wrap: (g: Gmem, body: () => Routine<number>) => Routine<number>): CallKind['routine'] {
  return (g, values) => {
    const routine = kind.routine(g, values);
    return (...gfns) => wrap(g, () => routine(...gfns));
  };
}

/** tdx_vcpu_pre_run(), with vcpu->mutex held as long as KVM_RUN goes on. */
function* runTd(g: Gmem, body: () => Routine<number>): Routine<number> {
  const { vcpuMutexes } = g.file.vm.tdState!;
  yield* vcpuMutexes.downRead().named('mutex_lock(vcpu->mutex)');
  const result = (yield* isRunnable(g)) ? yield* body() : -EINVAL;
  yield* vcpuMutexes.upRead().named('mutex_unlock(vcpu->mutex)');
  return result;
}

/** tdx_acquire_vm_state_locks(), but for slots_lock, which comes last and which each of the ioctls is said to take. */
export function* underAllLocks(g: Gmem, body: () => Routine<number>): Routine<number> {
  const { kvmLock, vcpuMutexes } = g.file.vm.tdState!;
  yield* kvmLock.lock();
  yield* vcpuMutexes.downWrite();
  const result = yield* body();
  yield* vcpuMutexes.upWrite();
  yield* kvmLock.unlock();
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
