/**
 * The VMSA of a vCPU that the guest has made (SEV-SNP AP creation; arch/x86/kvm/svm/sev.c; keys: docs/kernel.md): a page of
 * the file that the processor itself uses, by its physical address, and not through any mapping that a zap would find. While
 * it does, RMPUPDATE of the page fails. Imported by the registry, by schemes and variants.
 *
 * Left out: what AP creation checks, the bit of the RMP that says VMSA (a page that is unassigned, or has become another one,
 * fails VMRUN all the same), and waiting for INIT and SIPI. One vCPU has its VMSA at a gfn. Kernels before the fix of June 2026
 * load without a look at mmu_invalidate_seq, and their invalidations leave the vCPU alone.
 */

import { ModelError } from '../../core/errors.js';
import type { Op } from '../../core/ops/op.js';
import { atomic, here, type Routine } from '../../core/ops/routine.js';
import { EAGAIN, EFAULT, EINVAL, RET_PF_RETRY, retPfText } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio, Gfn } from '../scheme.js';
import { EXITING, IN_GUEST, NO_AP, NO_REQUEST, OUTSIDE, RELOAD, type Vmsas } from '../world/vmsas.js';
import { callKind } from './call-kind.js';
import { getPfnOfSlot } from './file-end.js';
import { pageIn } from './folio-blocks.js';
import { dropFolio } from './page-fault.js';

/** Another vCPU makes the one whose VMSA is at a gfn, or moves it there (SVM_VMGEXIT_AP_CREATE). */
export const createApCall = callKind({
  name: 'create-ap',
  keepsSlots: true,
  by: 'vcpu',
  pages: 'one',
  takes: {},
  needs: ['vmsas', 'nextOwner'],
  words: (gfns) => `create ap ${gfns}`,
  routine: (g) => (gfn) => createAp(g, gfn),
});

/** KVM_RUN of that vCPU, up to one exit. */
export const vmrunCall = callKind({
  name: 'vmrun',
  keepsSlots: true,
  by: 'vcpu',
  pages: 'one',
  takes: {},
  needs: ['vmsas', 'nextOwner'],
  words: (gfns) => `vmrun ${gfns}`,
  routine: (g) => (gfn) => vmrun(g, gfn),
});

/** What of a VM its vCPUs with VMSA pages are; the calls of this file say that they need it. */
function vmsasOf({ vmsas }: Gmem): Vmsas {
  if (vmsas === undefined) throw new ModelError('a world without VMSA pages has no vCPU that runs on one');
  return vmsas;
}

/** sev_snp_ap_creation(): the vCPU is told to load its VMSA before it runs next. */
export function* createAp(g: Gmem, gfn: Gfn): Routine<number> {
  return yield* inFunction('sev_snp_ap_creation', g.version, function* () {
    yield* requestReload(g, gfn);
    return 0;
  });
}

/**
 * vcpu_enter_guest(): loads the VMSA if that is asked for, and runs on it. 0; -EAGAIN where the guest has made no such vCPU;
 * -EINVAL without a VMSA (pre_sev_run()); -EFAULT where VMRUN itself fails (KVM_EXIT_FAIL_ENTRY).
 */
export function* vmrun(g: Gmem, gfn: Gfn): Routine<number> {
  const { modes, physicalAddresses, requests } = vmsasOf(g);
  return yield* inFunction('vcpu_enter_guest', g.version, function* () {
    const again = yield* here();
    if (yield* requests.at(gfn).apply<boolean>('% is none', 'boolean', { result: (seen) => Number(seen === NO_AP) })) {
      return -EAGAIN;
    }
    if (yield* requests.at(gfn).cmpxchg(RELOAD, NO_REQUEST).named('kvm_check_request(UPDATE_PROTECTED_GUEST_STATE)')) {
      const load = () => g.scheme.loadVmsa(g, gfn);
      const error = yield* inFunction('sev_snp_init_protected_guest_state', g.version, load);
      if (error !== 0) return error;
    }
    yield* modes.at(gfn).write(IN_GUEST).named('% = IN_GUEST_MODE');
    const isPending = { result: (seen: number) => Number(seen === RELOAD) };
    if (yield* requests.at(gfn).apply<boolean>('kvm_request_pending()', 'boolean', isPending)) {
      yield* outside(g, gfn);
      return yield* again();
    }
    if (!(yield* physicalAddresses.at(gfn).holds())) {
      yield* outside(g, gfn);
      return -EINVAL;
    }
    const folio = yield* enter(g, gfn);
    if (folio !== null) yield* exit(g, folio);
    yield* outside(g, gfn);
    return folio === null ? -EFAULT : 0;
  });
}

/**
 * VMRUN: the processor loads the registers, unless the RMP does not give the page to the guest. The page it runs on.
 * It looks at words of a gfn and of a folio that RMPUPDATE looks at in the other order, so it excludes every other step.
 */
function* enter(g: Gmem, gfn: Gfn): Routine<Folio | null> {
  return yield* atomic('VMRUN', function* () {
    const folio = pageIn(g, gfn, yield* vmsasOf(g).physicalAddresses.at(gfn).read());
    if (folio === null) return null;
    yield* g.folios.at(folio).send('VMSA_USE');
    if (!(yield* g.folios.at(folio).is('assigned'))) return null;
    yield* g.world.frames.vmsaInUse!.at(folio).add(1);
    return folio;
  });
}

/** #VMEXIT: the processor saves them. */
function* exit(g: Gmem, folio: Folio): Routine {
  yield* atomic('#VMEXIT', function* () {
    yield* g.world.frames.vmsaInUse!.at(folio).add(-1);
    yield* g.folios.at(folio).send('VMSA_USE');
  });
}

function* outside(g: Gmem, gfn: Gfn): Routine {
  yield* vmsasOf(g).modes.at(gfn).write(OUTSIDE).named('% = OUTSIDE_GUEST_MODE');
}

/** kvm_make_request() */
export function requestReload(g: Gmem, gfn: Gfn): Op<void> {
  return vmsasOf(g).requests.at(gfn).write(RELOAD).named('kvm_make_request(UPDATE_PROTECTED_GUEST_STATE)');
}

/**
 * sev_snp_init_protected_guest_state() before June 2026: takes the page for what it was when it was looked up, and drops its
 * reference (R19).
 */
export function* loadVmsaUnchecked(g: Gmem, gfn: Gfn): Routine<number> {
  const folio = yield* lookUpVmsa(g, gfn);
  if (typeof folio === 'number') return folio;
  yield* vmsasOf(g).physicalAddresses.at(gfn).write(folio);
  yield* dropFolio(g, folio);
  return 0;
}

/** And since: the sequence is taken before the lookup, and compared under mmu_lock; a stale page is asked for again. */
export function* loadVmsaChecked(g: Gmem, gfn: Gfn): Routine<number> {
  yield* g.invalidateSeq.take();
  const folio = yield* lookUpVmsa(g, gfn);
  if (typeof folio === 'number') return folio;
  yield* g.mmuLock.readLock();
  if (yield* g.scheme.invalidateRetry(g, gfn)) yield* requestReload(g, gfn);
  else yield* vmsasOf(g).physicalAddresses.at(gfn).write(folio);
  yield* dropFolio(g, folio);
  yield* g.mmuLock.readUnlock();
  return 0;
}

/** The lookup of either: the page, 0 where it is to be looked up again, or an errno, with which the vCPU is lost. */
function* lookUpVmsa(g: Gmem, gfn: Gfn): Routine<Folio | number> {
  const { physicalAddresses, requests } = vmsasOf(g);
  yield* physicalAddresses.at(gfn).write(null).named('% = INVALID_PAGE');
  const folio = yield* inFunction('kvm_gmem_get_pfn', g.version, () => getPfnOfSlot(g, gfn, true), retPfText);
  if (typeof folio !== 'number') return folio;
  if (folio === RET_PF_RETRY) {
    yield* requestReload(g, gfn);
    return 0;
  }
  yield* requests.at(gfn).cmpxchg(NO_REQUEST, NO_AP).named('the vCPU does not run');
  return folio;
}

/**
 * What an invalidation does since June 2026 about the vCPU whose VMSA is at a gfn of its range, with mmu_lock held for write:
 * takes the page away, asks for a reload, and kicks the vCPU out of the guest.
 */
export function* invalidateVmsaAt(g: Gmem, gfn: Gfn): Routine {
  const { modes, physicalAddresses, requests } = vmsasOf(g);
  if ((yield* requests.at(gfn).read()) === NO_AP) return;
  yield* physicalAddresses.at(gfn).write(null).named('% = INVALID_PAGE');
  yield* requestReload(g, gfn);
  const kick = modes.at(gfn).cmpxchg(IN_GUEST, EXITING).named('kvm_vcpu_exiting_guest_mode(%)');
  // The interrupt is handled once the vCPU has left the guest, whatever it does then.
  if (yield* kick)
    yield* modes
      .at(gfn)
      .waitUntil((mode) => mode !== EXITING)
      .named('wait until the vCPU has left');
}
