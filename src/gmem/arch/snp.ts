/**
 * SEV-SNP: the RMP side of a folio (kernel facts, section 3.12; arch/x86/kvm/svm/sev.c).
 *
 * There is no software lock around RMP updates, by design: the folio lock and the invalidate lock of guest_memfd are
 * all that orders them, which is what schemes are about.
 */

import { choose } from '../../core/choice.js';
import type { Op } from '../../core/op.js';
import { type Routine, within } from '../../core/routine.js';
import { EINVAL } from '../errno.js';
import type { Gmem } from '../gmem.js';
import type { Folio } from '../scheme.js';
import type { Arch } from './arch.js';

/** snp_lookup_rmpentry(): whether the page is assigned to a guest. */
function lookup(g: Gmem, folio: Folio): Op<boolean> {
  return g.folios.at(folio).is('assigned').named('snp_lookup_rmpentry($i)->assigned');
}

/** rmp_make_private(): RMPUPDATE that assigns the page. */
function* makePrivate(g: Gmem, folio: Folio): Routine<number> {
  if (g.scenario.hookFails && (yield* choose(2, 'RMPUPDATE fails', ['no', 'yes'])) === 1) return -EINVAL;
  yield* g.folios.at(folio).send('ASSIGN').named('rmp_make_private($i)');
  return 0;
}

/** The hooks of SEV-SNP. */
export const archSnp: Arch = {
  name: 'snp',

  /** sev_gmem_prepare(), V2: the lookup is the only guard against preparing twice. */
  *prepare(g: Gmem, folio: Folio): Routine<number> {
    return yield* within('sev_gmem_prepare', g.version, function* () {
      if (yield* lookup(g, folio)) return 0;
      return yield* makePrivate(g, folio);
    });
  },

  /** sev_gmem_invalidate(): unassigned pages are skipped. */
  *invalidate(g: Gmem, folio: Folio): Routine {
    yield* within('sev_gmem_invalidate', g.version, function* () {
      if (!(yield* lookup(g, folio))) return;
      yield* g.folios.at(folio).send('UNASSIGN').named('rmp_make_shared($i)');
    });
  },

  /** sev_gmem_post_populate(): refuses assigned pages, copies the source in, assigns; the firmware then measures. */
  *postPopulate(g: Gmem, folio: Folio): Routine<number> {
    return yield* within('sev_gmem_post_populate', g.version, function* () {
      if (yield* lookup(g, folio)) return -EINVAL;
      yield* g.folios.at(folio).send('POPULATE').named('memcpy($i)');
      return yield* makePrivate(g, folio);
    });
  },
};
