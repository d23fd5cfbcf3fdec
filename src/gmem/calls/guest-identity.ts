/**
 * The calls that give a guest its ASID, or another VM: what launches a guest of SEV-SNP, and what moves one to another VM of the host
 * (arch/x86/kvm/svm/sev.c; keys: docs/kernel.md). Imported by the registry, by what builds a world and by what ends a VM.
 *
 * No kernel that we read moves a guest of SEV-SNP: the steps are those of SEV and SEV-ES. DF_FLUSH before an ASID is used
 * again is left out, and so is all that a launch does besides.
 */

import { compute } from '../../core/ops/choice.js';
import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { EBUSY, EINVAL, EIO } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { GuestIdentity } from '../world/guest-identity.js';
import { type CallKind, callKind } from './call-kind.js';

/** KVM_SEV_INIT2 and SNP_LAUNCH_START of a guest, as far as it gets an ASID by them. */
export const launchCall = callKind({
  name: 'launch-guest',
  keepsSlots: true,
  by: 'host',
  pages: 'none',
  takes: {},
  needs: ['asids'],
  words: (owner) => `launch the guest${owner.replace('file', 'VM')}`,
  routine: (g) => (): Routine<number> => launch(g),
});

/** KVM_CAP_VM_MOVE_ENC_CONTEXT_FROM: the guest of the first VM is one of this VM from then on. */
export const moveGuestCall = callKind({
  name: 'move-guest',
  keepsSlots: true,
  by: 'host',
  pages: 'none',
  takes: {},
  needs: ['asids'],
  words: (owner) => `move the guest of VM 0${owner.replace('of file', 'to VM')}`,
  routine: (g) => (): Routine<number> =>
    inFunction('sev_vm_move_enc_context_from', g.version, () => g.scheme.moveGuest(g)),
});

/** The same kind where guests come and go: KVM_RUN holds vcpu->mutex, and there is no guest to run before its launch, or once it left. */
export function runningGuest(kind: CallKind): CallKind {
  const routine: CallKind['routine'] = (g, values) => {
    const made = kind.routine(g, values);
    return (...gfns) => withVcpu(g, () => made(...gfns));
  };
  return { ...kind, routine };
}

function* withVcpu(g: Gmem, run: () => Routine<number>): Routine<number> {
  const { vcpuMutexes, asid } = g.file.vm.identity!;
  yield* vcpuMutexes.downRead();
  const isThere = { result: (own: number) => (own === 0 ? 0 : 1) };
  const result = (yield* asid.apply<boolean>('sev_guest(kvm)', 'boolean', isThere)) ? yield* run() : -EIO;
  yield* vcpuMutexes.upRead();
  return result;
}

/** sev_asid_new(): the first ASID that nobody has; -EBUSY where there is none. */
function* launch(g: Gmem): Routine<number> {
  const { asid, guest } = g.file.vm.identity!;
  const number = g.world.vms.indexOf(g.file.vm) + 1;
  return yield* inFunction('sev_guest_init', g.version, function* () {
    return yield* atomic('sev_asid_new()', function* () {
      if ((yield* asid.read()) !== 0) return -EINVAL;
      for (let free = 1; free <= g.world.asidsInUse!.region.count; free++) {
        if (!(yield* g.world.asidsInUse!.at(free - 1).cmpxchg(0, 1))) continue;
        yield* asid.write(free);
        yield* guest.write(number);
        return 0;
      }
      return -EBUSY;
    });
  });
}

/** sev_vm_move_enc_context_from(): with all vCPUs of both VMs stopped, the guest goes, and the VM that it leaves has none any more. */
export function* moveGuest(g: Gmem): Routine<number> {
  return yield* betweenStoppedVms(g, migrate);
}

/** The same while no binding of the VM that the guest leaves can end. */
export function* moveGuestUnderSlotsLock(g: Gmem): Routine<number> {
  const { slotsLock } = g.world.vms[0];
  return yield* betweenStoppedVms(g, function* (from, to) {
    yield* slotsLock.lock();
    const result = yield* migrate(from, to);
    yield* slotsLock.unlock();
    return result;
  });
}

function* betweenStoppedVms(g: Gmem, move: typeof migrate): Routine<number> {
  const [source] = g.world.vms;
  if (source === g.file.vm) return -EINVAL;
  const [from, to] = [source.identity!, g.file.vm.identity!];
  yield* from.vcpuMutexes.downWrite();
  yield* to.vcpuMutexes.downWrite();
  const result = yield* move(from, to);
  yield* to.vcpuMutexes.upWrite();
  yield* from.vcpuMutexes.upWrite();
  return result;
}

function* migrate(from: GuestIdentity, to: GuestIdentity): Routine<number> {
  return yield* atomic('sev_migrate_from()', function* () {
    if ((yield* to.asid.read()) !== 0 || (yield* from.asid.read()) === 0) return -EINVAL;
    yield* compute(
      'dst->asid = src->asid',
      [from.asid, from.guest, to.asid, to.guest],
      (values) => {
        [values[2], values[3]] = values;
        [values[0], values[1]] = [0, 0];
      },
      { writes: true },
    );
    return 0;
  });
}

/** sev_vm_destroy(): the ASID of its guest is free for the next one. */
export function* freeAsid(g: Gmem): Routine {
  const { identity } = g.file.vm;
  if (identity === undefined) return;
  yield* atomic('sev_asid_free()', function* () {
    const asid = yield* identity.asid.read();
    if (asid === 0) return;
    yield* identity.asid.write(0);
    yield* g.world.asidsInUse!.at(asid - 1).write(0);
  });
}
