/**
 * KVM_TDX_TERMINATE_VM (tdx_terminate_vm() of 20250718181541.98146-1-seanjc@google.com; docs/kernel.md, R69): a TD is given up before
 * its files are closed. Its key is released, and from then on its pages are reclaimed, and need no BLOCK, TRACK and REMOVE. Imported
 * by the registry, by what zaps, and by schemes.
 *
 * In worlds with this call the removal of a page is several steps, because who releases the key need not wait for mmu_lock. Left out:
 * kvm->lock, which no other call here takes, and that whoever has the key next flushes caches.
 */

import type { Op } from '../../core/ops/op.js';
import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { EBUSY, EOPNOTSUPP } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio, Gfn } from '../scheme.js';
import { isSameGfn } from '../world/folio-ref.js';
import { callKind } from './call-kind.js';
import { countedFrame } from './pamt.js';
import { dropSpte, takeAway } from './sept.js';
import { flushTrustedIotlb } from './trusted-dma.js';

/** The VMM gives a TD up. */
export const terminateCall = callKind({
  name: 'terminate',
  by: 'host',
  pages: 'none',
  takes: {},
  words: (owner) => `terminate the TD${owner}`,
  needs: ['hkid'],
  routine: (g) => () => terminate(g),
});

/** 0; -EBUSY while a vCPU is in KVM_RUN. */
function* terminate(g: Gmem): Routine<number> {
  const { vcpuMutexes, dead } = g.file.vm;
  if (vcpuMutexes === undefined) return -EOPNOTSUPP;
  return yield* inFunction('tdx_terminate_vm', g.version, function* () {
    if (!(yield* vcpuMutexes.downWriteTrylock().named('kvm_trylock_all_vcpus()'))) return -EBUSY;
    yield* dead!.write(1).named('kvm_vm_dead()');
    yield* vcpuMutexes.upWrite().named('kvm_unlock_all_vcpus()');
    yield* inFunction('tdx_mmu_release_hkid', g.version, () => g.scheme.releaseHkid(g));
    return 0;
  });
}

/** The end of tdx_mmu_release_hkid(): the module forgets the key of the TD, with mmu_lock held for write. */
export function* releaseUnderMmuLock(g: Gmem): Routine {
  yield* g.mmuLock.writeLock();
  yield* g.file.vm.hkid!.write(0).named('TDH.MNG.KEY.FREEID()');
  yield* g.mmuLock.writeUnlock();
}

function isAssigned(g: Gmem): Op<boolean> {
  return g.file.vm.hkid!.apply<boolean>('is_hkid_assigned()', 'boolean', { result: (hkid) => Number(hkid === 1) });
}

/**
 * tdx_sept_remove_private_spte() of the pages of a leaf, with mmu_lock held for write. What the module refuses is a KVM_BUG_ON() of a
 * VM that is dead already; the SPTE goes all the same. Whether there was a page; `taken`: what was given back, besides.
 */
export function* removeByKey(g: Gmem, pages: readonly Gfn[], asked: readonly Gfn[], taken: Folio[]): Routine<boolean> {
  if (!(yield* g.privateSptes.at(pages[0]).holds())) return false;
  const isKeyed = yield* isAssigned(g);
  const steps = isKeyed ? blockTrackRemove : reclaim;
  if (yield* steps(g, pages, asked, taken)) return true;
  yield* atomic('the SPTE of $i is none', function* () {
    for (const page of pages) yield* dropSpte(g, page);
  });
  return true;
}

type Steps = (g: Gmem, pages: readonly Gfn[], asked: readonly Gfn[], taken: Folio[]) => Routine<boolean>;

const blockTrackRemove: Steps = function* (g, pages, asked, taken) {
  function* tracked(page: Gfn): Routine {
    yield* g.sept!.at(page).send('TRACK');
    yield* flushTrustedIotlb(g, page);
  }
  if (!(yield* seamcall(g, 'TDH.MEM.RANGE.BLOCK()', pages, (page) => blocked(g, page)))) return false;
  if (!(yield* seamcall(g, 'TDH.MEM.TRACK(), every vCPU is out', pages, tracked))) return false;
  return yield* seamcall(g, 'TDH.MEM.PAGE.REMOVE()', pages, function* (page) {
    const isAsked = asked.some((each) => isSameGfn(each, page));
    yield* note(g, page, pages.length, taken);
    yield* takeAway(g, page, isAsked ? 'REMOVE' : 'REMOVE_UNASKED', yield* g.sept!.at(page).is('accepted'));
    yield* dropSpte(g, page);
  });
};

const reclaim: Steps = function* (g, pages, _asked, taken) {
  yield* atomic('TDH.PHYMEM.PAGE.RECLAIM($i)', function* () {
    for (const page of pages) {
      yield* note(g, page, pages.length, taken);
      yield* takeAway(g, page, 'RECLAIM', false);
      yield* dropSpte(g, page);
    }
  });
  return true;
};

function* blocked(g: Gmem, page: Gfn): Routine {
  yield* g.sept!.at(page).send('BLOCK');
}

function* note(g: Gmem, page: Gfn, pages: number, taken: Folio[]): Routine {
  const frame = yield* countedFrame(g, page, pages);
  if (frame !== null) taken.push(frame);
}

/** A SEAMCALL on the pages of a leaf, which the module refuses of a TD that has no key any more. */
function* seamcall(g: Gmem, label: string, pages: readonly Gfn[], body: (page: Gfn) => Routine): Routine<boolean> {
  function* made(): Routine<boolean> {
    if (!(yield* isAssigned(g))) return false;
    for (const page of pages) yield* body(page);
    return true;
  }
  return yield* atomic(label, made, (isDone) => (isDone ? undefined : 'TDX_OP_STATE_INCORRECT'));
}
