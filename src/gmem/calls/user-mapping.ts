/**
 * The VMM's side: faults on its mapping of the file, accesses through it, munmap and GUP-fast pins (keys:
 * docs/kernel.md; mm/memory.c, mm/gup.c). Imported by the registry and by schemes.
 *
 * A fault runs under mmap_lock for read, which its caller takes: do_user_addr_fault(), by lock_mm_and_find_vma(). The
 * per-VMA lock never applies. lock_vma_under_rcu() finds mappings of files since v6.6, so a fault is tried under that lock
 * first; but vmf_can_call_fault() (v6.7; before it do_shared_fault() itself) lets ->fault run without mmap_lock only where
 * the vm_ops have ->map_pages, the sign that they were audited for it, and kvm_gmem_vm_ops (v6.18) has ->fault and the
 * NUMA policies alone. The first try gives the VMA up and ends in VM_FAULT_RETRY before kvm_gmem_fault_user_mapping() is
 * called. Modelled is the second one, with mmap_lock; the first touches nothing that the model has.
 *
 * With VM attributes the file has no INIT_SHARED (KVM refuses the flag for VMs with private memory): it cannot be
 * faulted in by the host, whose shared data lives in ordinary memory. Left out: an offset past the file's end and large
 * folios (SIGBUS), -EAGAIN of the lookup (VM_FAULT_RETRY), and slow GUP. A VMM that unmaps a page and touches it again
 * has mapped it again in between.
 */

import { here, type Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { EACCES, EBUSY, EFAULT, ENOMEM, errnoText, SIGBUS, vmFaultText } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio, Gfn } from '../scheme.js';
import { orderOf } from '../world/folio-ref.js';
import { callKind } from './call-kind.js';
import { hasVma, unmapping } from './file-end.js';
import { getFolio, putFolio, unmapOfHost } from './filemap.js';
import { pageIn, userPageAt } from './folio-blocks.js';

/** A read by the host through the user mapping of the file; faults on demand. */
export const hostReadCall = callKind({
  name: 'host-read',
  by: 'host',
  through: 'mapping',
  pages: 'one',
  takes: {},
  words: (gfns) => `host read ${gfns}`,
  routine: (g) => (gfn) => hostAccess(g, 'HOST_READ', gfn),
});

/** And a write. */
export const hostWriteCall = callKind({
  name: 'host-write',
  by: 'host',
  through: 'mapping',
  pages: 'one',
  takes: {},
  words: (gfns) => `host write ${gfns}`,
  routine: (g) => (gfn) => hostAccess(g, 'HOST_WRITE', gfn),
});

/** A fault on the user mapping, and no access. */
export const userFaultCall = callKind({
  name: 'user-fault',
  by: 'host',
  through: 'mapping',
  pages: 'one',
  takes: {},
  words: (gfns) => `user fault ${gfns}`,
  routine: (g) => (gfn) => userFault(g, gfn),
});

/** munmap(2) of the page. */
export const munmapCall = callKind({
  name: 'munmap',
  by: 'host',
  pages: 'one',
  takes: {},
  words: (gfns) => `munmap ${gfns}`,
  routine: (g) => (gfn) => munmap(g, gfn),
});

/** A GUP-fast pin through an existing PTE. */
export const pinCall = callKind({
  name: 'pin',
  by: 'host',
  pages: 'one',
  takes: {},
  words: (gfns) => `pin ${gfns}`,
  routine: (g) => (gfn) => pin(g, gfn),
});

/** The end of a pin. */
export const unpinCall = callKind({
  name: 'unpin',
  by: 'host',
  pages: 'one',
  takes: {},
  words: (gfns) => `unpin ${gfns}`,
  routine: (g) => (gfn) => unpin(g, gfn),
});

/** A host access through the user mapping; it faults on demand. 0, -SIGBUS, or -ENOMEM (VM_FAULT_OOM). */
export function* hostAccess(g: Gmem, event: 'HOST_READ' | 'HOST_WRITE', gfn: Gfn): Routine<number> {
  if (g.scenario.conversion === 'vm-attributes') return 0;
  const again = yield* here();
  const what = `host ${event === 'HOST_READ' ? 'read' : 'write'}`;
  const access = g.folios.follow(g.userPtes.at(gfn), event).named(`${what} $i`, { otherwise: `${what}, #PF $i` });
  if (yield* access) return 0;
  const error = yield* userFault(g, gfn);
  if (error < 0) return error;
  // As with guest accesses: only what has to fault again goes round the loop.
  return (yield* access) ? 0 : yield* again();
}

/** do_user_addr_fault() on the mapping: mmap_lock around handle_mm_fault(). 0, -SIGBUS or -ENOMEM. */
export function* userFault(g: Gmem, gfn: Gfn): Routine<number> {
  return yield* inFunction(
    'do_user_addr_fault',
    g.version,
    function* () {
      yield* g.mmapLock.downRead();
      const error = (yield* hasVma(g, gfn))
        ? yield* inFunction('handle_mm_fault', g.version, () => handleMmFault(g, gfn), vmFaultText)
        : -EFAULT;
      yield* g.mmapLock.upRead();
      return error;
    },
    signalText,
  );
}

/** do_user_addr_fault() returns nothing; what became of VM_FAULT_OOM its caller does not learn. */
function signalText(error: number): string | undefined {
  return error === -SIGBUS ? 'SIGBUS' : undefined;
}

/** handle_mm_fault(): kvm_gmem_fault_user_mapping(), then the PTE. VM_FAULT_SIGBUS is -SIGBUS, VM_FAULT_OOM -ENOMEM. */
function* handleMmFault(g: Gmem, gfn: Gfn): Routine<number> {
  const folio = yield* inFunction(
    'kvm_gmem_fault_user_mapping',
    g.version,
    () => faultUserMapping(g, gfn),
    vmFaultText,
  );
  if (typeof folio === 'number') return folio === -ENOMEM ? -ENOMEM : -SIGBUS;
  if (yield* g.scheme.poisonedForUser(g, folio)) {
    yield* g.unlockFolio(folio);
    yield* putFolio(g, folio);
    return -SIGBUS;
  }
  const installed = yield* finishFault(g, gfn, folio);
  yield* g.unlockFolio(folio);
  if (!installed) yield* putFolio(g, folio);
  return 0;
}

function* faultUserMapping(g: Gmem, gfn: Gfn): Routine<Folio | number> {
  if (g.scenario.conversion === 'vm-attributes') return -SIGBUS;
  const folio = yield* g.scheme.getFolioForUser(g, gfn);
  if (typeof folio === 'number') return folio;
  const error = orderOf(folio) > 0 ? -SIGBUS : yield* clearAndZap(g, folio, gfn);
  if (error === 0) return folio;
  yield* g.unlockFolio(folio);
  yield* putFolio(g, folio);
  return error;
}

function* clearAndZap(g: Gmem, folio: Folio, gfn: Gfn): Routine<number> {
  yield* g.scheme.clearFolio(g, folio, gfn);
  return yield* g.scheme.zapDirectMap(g, folio);
}

/**
 * finish_fault(): installs the PTE under its lock, unless there is one; the PTE owns the reference from then on. `label`: the
 * kernel function that does.
 */
export function* finishFault(g: Gmem, gfn: Gfn, folio: Folio, label = 'finish_fault($i)'): Routine<boolean> {
  return yield* atomic(label, function* () {
    if (!(yield* g.userPtes.at(gfn).cmpxchg(null, folio))) return false;
    yield* g.folios.at(folio).send('USER_MAP');
    return true;
  });
}

/**
 * The first half of kvm_gmem_fault_user_mapping(): -EACCES for private memory, else the locked folio. V3b runs it under
 * the shared invalidate lock; V1 and V2 take none, and in-place conversion gives them an attribute to look at that they
 * never had.
 */
export function* attributeThenFolio(g: Gmem, gfn: Gfn): Routine<Folio | number> {
  if (yield* g.isPrivate(gfn)) return -EACCES;
  return yield* getFolio(g, gfn);
}

/** munmap(2) of one page: takes mmap_lock for write. */
export function* munmap(g: Gmem, gfn: Gfn): Routine<number> {
  return yield* inFunction('__vm_munmap', g.version, function* () {
    yield* unmapping(g, gfn, () => unmapOfHost(g, gfn, 'zap_pte_range()'));
    return 0;
  });
}

/**
 * pin_user_pages_fast() through an existing PTE: lockless, takes a reference. 0, or -EFAULT when nothing is mapped. The
 * reference that a failing speculation takes and drops is left out (R25), and the model remembers one pin per gfn: the
 * next one before its unpin is -EBUSY, lest actors that loop lose a pin for ever.
 */
export function* pin(g: Gmem, gfn: Gfn): Routine<number> {
  return yield* inFunction('pin_user_pages_fast', g.version, function* () {
    // gup_fast_folio_allowed(): not of a mapping whose pages have no direct map.
    if (g.parts.noDirectMap) return -EFAULT;
    function* grab(): Routine<number> {
      const folio = yield* userPageAt(g, gfn);
      if (folio === null) return -EFAULT;
      if (!(yield* g.pins.at(gfn).cmpxchg(null, folio))) return -EBUSY;
      yield* g.refcounts.at(folio).add(1);
      yield* g.folios.at(folio).send('PIN');
      return 0;
    }
    return yield* atomic('try_grab_folio()', grab, errnoText);
  });
}

/** unpin_user_page(): -EFAULT when `pin` got nothing. */
export function* unpin(g: Gmem, gfn: Gfn): Routine<number> {
  return yield* inFunction('unpin_user_page', g.version, function* () {
    function* putGrabbed(): Routine<number> {
      const folio = pageIn(g, gfn, yield* g.pins.at(gfn).read());
      if (folio === null) return -EFAULT;
      yield* g.pins.at(gfn).write(null);
      yield* g.folios.at(folio).send('UNPIN');
      yield* putFolio(g, folio);
      return 0;
    }
    return yield* atomic('gup_put_folio()', putGrabbed, errnoText);
  });
}
