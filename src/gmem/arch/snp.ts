/**
 * SEV-SNP: the RMP side of a folio (arch/x86/kvm/svm/sev.c). Labels of versions and races are keys of docs/kernel.md.
 *
 * There is no software lock around RMP updates, by design: the folio lock and the invalidate lock of guest_memfd are
 * all that orders them, which is what schemes are about. Functions have their V2 names, in which one function is called at
 * free and at conversion; V2' calls prepare make_private, and the other one make_shared where it converts. SNP serves both
 * intents with one unassign, which is the same steps on a 4K page.
 *
 * Left out: lookups that fail (-ENOENT), FAIL_OVERLAP of two RMPUPDATEs at once (R35), cache flushes, what LAUNCH_UPDATE measures,
 * RMPUPDATE failing for a 2M entry, and VMSA pages where folios are large. A guest that runs into an unassigned private page is
 * a finding (unprepared-map) at the map, before its #NPF: sev_handle_rmp_fault() would only warn.
 */

import { choose } from '../../core/ops/choice.js';
import type { Op } from '../../core/ops/op.js';
import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { leakFolio } from '../calls/lifetime.js';
import { callsModule } from '../calls/module.js';
import { hasSnp } from '../calls/rmpopt.js';
import { EINVAL, EIO } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio } from '../scheme.js';
import { pagesOf } from '../world/folio-ref.js';
import { type Arch, defineArch } from './arch.js';
import { archNone, launchUpdate } from './none.js';
import { isRunOn, rmpupdateFails } from './rmpupdate.js';
import { adjustDirectMap, storeThroughDirectMap } from './snp-direct-map.js';
import { isLargeRmpPossible, makeWholePrivate, sevGmemMaxMappingOrder, unassignInBlock } from './snp-large.js';
import { sevHandleRmpFault, sizeMismatch } from './snp-rmp-fault.js';
import { assignPage, forgetOwner, isGivenHere, unassignPage } from './snp-rmp-owner.js';

/** snp_lookup_rmpentry(): whether the page is assigned to a guest. */
function lookup(g: Gmem, folio: Folio): Op<boolean> {
  return g.folios.at(folio).is('assigned').named('snp_lookup_rmpentry($i)->assigned');
}

/** rmp_make_private(): RMPUPDATE that assigns the page. */
function* makePrivate(g: Gmem, folio: Folio): Routine {
  yield* adjustDirectMap(g, folio);
  yield* assignPage(g, folio);
}

/** Whether the firmware rejects the page (SNP_LAUNCH_UPDATE), where the scenario lets it. */
function* launchUpdateFails(g: Gmem): Routine<boolean> {
  return g.scenario.launchFails === true && (yield* choose(2, 'SNP_LAUNCH_UPDATE fails', ['no', 'yes'])) === 1;
}

/** What is said of the RMPUPDATE besides what it does. */
type Declared = (rmpupdate: Op<void>) => Op<void>;

/**
 * rmp_make_shared(): RMPUPDATE that takes the page back; whether it did. It does not where the scenario lets it fail, nor
 * while a processor runs on the page as a VMSA (FAIL_INUSE). The kernel retries FAIL_OVERLAP only.
 */
function* unassign(g: Gmem, folio: Folio, declared: Declared = (rmpupdate) => rmpupdate): Routine<boolean> {
  if (yield* rmpupdateFails(g, 'unassignFails')) return false;
  const rmpupdate = declared(g.folios.at(folio).send('UNASSIGN').named('rmp_make_shared($i)'));
  if (g.world.frames.vmsaInUse === undefined) {
    yield* unassignPage(g, folio, rmpupdate);
    return true;
  }
  function* unlessInUse(): Routine<boolean> {
    if (yield* isRunOn(g, folio)) return false;
    yield* rmpupdate;
    yield* forgetOwner(g, folio);
    return true;
  }
  return yield* atomic('RMPUPDATE($i)', unlessInUse, (isDone) => (isDone ? undefined : 'FAIL_INUSE'));
}

/** sev_gmem_invalidate(): unassigned pages are skipped; what fails is warned of. Whether the page is unassigned. */
function* sevGmemInvalidate(g: Gmem, folio: Folio, declared?: Declared): Routine<boolean> {
  return yield* inFunction('sev_gmem_invalidate', g.version, function* () {
    if (!(yield* hasSnp(g))) return true;
    if (g.large?.rmpLarge !== undefined) {
      return yield* unassignInBlock(g, folio, (page) => unassign(g, page, declared), declared);
    }
    return !(yield* lookup(g, folio)) || (yield* unassign(g, folio, declared));
  });
}

/** snp_page_reclaim() and, where it fails, snp_leak_pages(), of a page that the firmware rejected. */
function* snpPageReclaim(g: Gmem, folio: Folio): Routine {
  yield* inFunction('snp_page_reclaim', g.version, function* () {
    if (!(yield* unassign(g, folio))) yield* leakFolio(g, folio);
  });
}

/** The hooks of SEV-SNP. */
export const archSnp: Arch = defineArch(archNone, {
  name: 'snp',

  /** sev_gmem_prepare(), V2: the lookup is the only guard against preparing twice. */
  *prepare(g: Gmem, folio: Folio, page = folio): Routine<number> {
    return yield* inFunction('sev_gmem_prepare', g.version, function* () {
      if (yield* lookup(g, page)) return 0;
      if (yield* rmpupdateFails(g, 'hookFails')) return -EINVAL;
      const isLarge = yield* isLargeRmpPossible(g, folio);
      for (const each of isLarge ? pagesOf(folio) : [page]) yield* g.scheme.assigning(g, each);
      yield* isLarge ? makeWholePrivate(g, folio) : makePrivate(g, page);
      return 0;
    });
  },

  mappedPrivate: isGivenHere,
  maxMappingOrder: sevGmemMaxMappingOrder,
  refusesAccess: sizeMismatch,
  handleRefusal: sevHandleRmpFault,
  hostStore: storeThroughDirectMap,

  /** The IOMMU asks the RMP as the processor does. */
  *refusesDma(g: Gmem, page: Folio): Routine<boolean> {
    return yield* g.folios.at(page).is('assigned').named('assigned in the RMP');
  },

  *reclaim(g: Gmem, folio: Folio): Routine {
    yield* callsModule(g);
    if (!(yield* sevGmemInvalidate(g, folio))) yield* g.scheme.reclaimFailed(g, folio);
  },

  /** At a conversion the guest may have written the page: what it wrote is not to be read any more. */
  *makeShared(g: Gmem, folio: Folio): Routine {
    yield* sevGmemInvalidate(g, folio, (rmpupdate) =>
      rmpupdate.irreversible('the guest has lost what was in the page'),
    );
  },

  /** sev_gmem_post_populate(): refuses assigned pages, copies the source in, assigns; the firmware then measures. */
  *postPopulate(g: Gmem, folio: Folio, faultOnSource?: () => Routine): Routine<number> {
    return yield* inFunction('sev_gmem_post_populate', g.version, function* () {
      if (yield* lookup(g, folio)) return -EINVAL;
      if (faultOnSource !== undefined) yield* faultOnSource();
      // Decided before the copy: what was copied into a page that is then refused is no launch image, and whoever
      // clears or copies over it later loses nothing.
      if (yield* rmpupdateFails(g, 'hookFails')) return -EINVAL;
      yield* storeThroughDirectMap(g, folio, g.folios.at(folio).send('POPULATE').named('memcpy($i)'));
      yield* makePrivate(g, folio);
      if (!(yield* launchUpdateFails(g))) return 0;
      yield* snpPageReclaim(g, folio);
      return -EIO;
    });
  },

  /** sev_gmem_post_populate() with a source of NULL, V3b: RMPUPDATE, then the firmware encrypts what lies there. */
  *postPopulateInPlace(g: Gmem, folio: Folio): Routine<number> {
    return yield* inFunction('sev_gmem_post_populate', g.version, function* () {
      if (yield* lookup(g, folio)) return -EINVAL;
      if (yield* rmpupdateFails(g, 'hookFails')) return -EINVAL;
      yield* makePrivate(g, folio);
      yield* launchUpdate(g, folio);
      return 0;
    });
  },
});
