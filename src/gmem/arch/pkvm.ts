/**
 * Protected KVM on arm64: the hypervisor keeps the host from private pages, and guests share and take back theirs by
 * hypercalls. Taking a page back scrubs it; a conversion finds the page converted, and its bytes in place (arm64's plans for
 * guest_memfd, June 2026; docs/kernel.md, R44).
 *
 * Left out: the hypercalls, stage-2 tables of the host, and pins instead of sequence checks.
 */

import { defineArch } from './arch.js';
import { archNone } from './none.js';

/** The hooks of protected KVM. */
export const archPkvm = defineArch(archNone, {
  name: 'pkvm',

  /** The hypervisor has tables for devices as well, and a private page is in none of them. */
  *refusesDma(g, page) {
    return yield* g.folios.at(page).is('guest-private').named('private to the guest');
  },

  *reclaim(g, folio) {
    // By the hypervisor, which the host cannot read the page before.
    yield* g.folios.at(folio).send('CLEAR').named('hyp: scrub $i');
  },
});
