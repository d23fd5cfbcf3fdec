/**
 * SEV-SNP: the RMP side of a folio (arch/x86/kvm/svm/sev.c). Labels of versions and races are keys of docs/kernel.md.
 *
 * There is no software lock around RMP updates, by design: the folio lock and the invalidate lock of guest_memfd are
 * all that orders them, which is what schemes are about. Functions have their V2 names, in which one function is called at
 * free and at conversion; V2' calls prepare make_private, and the other one make_shared where it converts. SNP serves both
 * intents with one unassign, which is the same steps on a 4K page.
 *
 * Left out: lookups that fail (-ENOENT), FAIL_OVERLAP, cache flushes, RMPUPDATE failing on the way back (R33), the firmware's LAUNCH_UPDATE, and sev_handle_rmp_fault(): a guest that runs
 * into an unassigned private page is a finding (unprepared-map) at the map, before its #NPF.
 */

import { choose } from '../../core/ops/choice.js';
import type { Op } from '../../core/ops/op.js';
import type { Routine } from '../../core/ops/routine.js';
import { EINVAL } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio } from '../scheme.js';
import { type Arch, defineArch } from './arch.js';
import { archNone, launchUpdate } from './none.js';
import { isLargeRmpPossible, makeWholePrivate, sevGmemMaxMappingOrder, unassignInBlock } from './snp-large.js';

/** snp_lookup_rmpentry(): whether the page is assigned to a guest. */
function lookup(g: Gmem, folio: Folio): Op<boolean> {
  return g.folios.at(folio).is('assigned').named('snp_lookup_rmpentry($i)->assigned');
}

/** rmp_make_private(): RMPUPDATE that assigns the page. */
function makePrivate(g: Gmem, folio: Folio): Op<void> {
  return g.folios.at(folio).send('ASSIGN').named('rmp_make_private($i)');
}

/** Whether rmp_make_private() is going to fail, where the scenario lets it. */
function* rmpupdateFails(g: Gmem): Routine<boolean> {
  return g.scenario.hookFails && (yield* choose(2, 'RMPUPDATE fails', ['no', 'yes'])) === 1;
}

/** sev_gmem_invalidate(): unassigned pages are skipped. */
function* sevGmemInvalidate(g: Gmem, folio: Folio): Routine {
  yield* unassign(g, folio, (rmpupdate) => rmpupdate);
}

/** The same at a conversion, whose page the guest may have written: what it wrote is not to be read any more. */
function* sevGmemMakeShared(g: Gmem, folio: Folio): Routine {
  yield* unassign(g, folio, (rmpupdate) => rmpupdate.irreversible('the guest has lost what was in the page'));
}

function* unassign(g: Gmem, folio: Folio, declared: (rmpupdate: Op<void>) => Op<void>): Routine {
  yield* inFunction('sev_gmem_invalidate', g.version, function* () {
    if (g.large?.rmpLarge !== undefined) return yield* unassignInBlock(g, folio, declared);
    if (!(yield* lookup(g, folio))) return;
    yield* declared(g.folios.at(folio).send('UNASSIGN').named('rmp_make_shared($i)'));
  });
}

/** The hooks of SEV-SNP. */
export const archSnp: Arch = defineArch(archNone, {
  name: 'snp',

  /** sev_gmem_prepare(), V2: the lookup is the only guard against preparing twice. */
  *prepare(g: Gmem, folio: Folio): Routine<number> {
    return yield* inFunction('sev_gmem_prepare', g.version, function* () {
      if (yield* lookup(g, folio)) return 0;
      if (yield* rmpupdateFails(g)) return -EINVAL;
      if (yield* isLargeRmpPossible(g, folio)) yield* makeWholePrivate(g, folio);
      else yield* makePrivate(g, folio);
      return 0;
    });
  },

  maxMappingOrder: sevGmemMaxMappingOrder,
  reclaim: sevGmemInvalidate,
  makeShared: sevGmemMakeShared,

  /** sev_gmem_post_populate(): refuses assigned pages, copies the source in, assigns; the firmware then measures. */
  *postPopulate(g: Gmem, folio: Folio, faultOnSource?: () => Routine): Routine<number> {
    return yield* inFunction('sev_gmem_post_populate', g.version, function* () {
      if (yield* lookup(g, folio)) return -EINVAL;
      if (faultOnSource !== undefined) yield* faultOnSource();
      // Decided before the copy: what was copied into a page that is then refused is no launch image, and whoever
      // clears or copies over it later loses nothing.
      if (yield* rmpupdateFails(g)) return -EINVAL;
      yield* g.folios.at(folio).send('POPULATE').named('memcpy($i)');
      yield* makePrivate(g, folio);
      return 0;
    });
  },

  /** sev_gmem_post_populate() with a source of NULL, V3b: RMPUPDATE, then the firmware encrypts what lies there. */
  *postPopulateInPlace(g: Gmem, folio: Folio): Routine<number> {
    return yield* inFunction('sev_gmem_post_populate', g.version, function* () {
      if (yield* lookup(g, folio)) return -EINVAL;
      if (yield* rmpupdateFails(g)) return -EINVAL;
      yield* makePrivate(g, folio);
      yield* launchUpdate(g, folio);
      return 0;
    });
  },
});
