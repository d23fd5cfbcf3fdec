/**
 * What becomes of the flags of a folio, besides uptodate, when it is split or merged (keys: docs/kernel.md): its poison, and the
 * mark of the direct map. Imported by schemes and variants.
 *
 * Both are there for each page: a folio is asked for those of its first one. Of poison the list of a folio of HugeTLB knows the
 * pages that have failed, and the folio machine of each of them is that list.
 */

import type { Routine } from '../../core/ops/routine.js';
import type { Gmem } from '../gmem.js';
import type { Folio } from '../scheme.js';
import { pagesOf } from '../world/folio-ref.js';
import { forgetPageMark, rememberNoDirectMap, restorePage } from './direct-map.js';

/**
 * hugetlb_restructuring.c: a flag stays with its page, and what the first page has is the folio's. A merge makes tail pages of
 * the others, whose page->private is zeroed (prep_compound_tail()).
 */
export function* leaveFlags(g: Gmem, folio: Folio, to: 'pages' | 'folio'): Routine {
  if (!g.parts.noDirectMap || to === 'pages') return;
  for (const page of pagesOf(folio).slice(1)) yield* forgetPageMark(g, page);
}

/** Each page has its own poison behind a split, and a folio that of any page behind a merge (folio_clear_hugetlb_hwpoison()). */
export function* carryPoison(g: Gmem, folio: Folio, to: 'pages' | 'folio'): Routine {
  if (!g.parts.poison) return;
  const flags = g.large!.hwpoison!;
  for (const page of pagesOf(folio)) {
    const hasFailed = yield* g.folios.at(page).is('hwpoison').named('on the list of $i');
    if (to === 'pages') yield* flags.at(page).write(hasFailed ? 1 : 0);
    else if (hasFailed) yield* flags.at(folio).write(1);
  }
}

/**
 * Each page has the mark of the folio behind a split. A merge keeps the mark if all pages have it; if some have, these are put
 * back into the direct map, whose page table is split already.
 */
export function* carryMark(g: Gmem, folio: Folio, to: 'pages' | 'folio'): Routine {
  if (!g.parts.noDirectMap) return;
  const [head, ...tails] = pagesOf(folio);
  if (to === 'pages') {
    if (yield* g.testNoDirectMap(folio)) for (const page of tails) yield* rememberNoDirectMap(g, page);
    return;
  }
  const marked: Folio[] = [];
  for (const page of [head, ...tails]) if (yield* g.testNoDirectMap(page)) marked.push(page);
  if (marked.length > tails.length) return;
  for (const page of marked) yield* restorePage(g, page);
}
