/**
 * Variants about huge pages that come from a pool and are restructured: who gives their metadata back, when split ones are merged,
 * and folios that are split and merged under any scheme. Part of the list in variants.ts.
 */

import { batchOrderOf, inBatches } from '../calls/convert-blocks.js';
import { countThenMerge, declareWaiting, putThenLeave } from '../calls/deferred-merge.js';
import { newWholeFolio, splitUnlessPrivate } from '../calls/fresh-folio.js';
import { putThenRestore, restoreHuge } from '../calls/hugetlb-pool.js';
import { punchBlocks } from '../calls/punch-blocks.js';
import type { Scheme } from '../scheme.js';
import { orderOf } from '../world/folio-ref.js';
import type { Mutation } from './mutations.js';

/** What variants of schemes need whose folios are large from the start. */
export const LARGE_FROM_THE_START: Mutation['needs'] = {
  words: 'a scheme whose folios are large from the start, as those of v3d-hugetlb',
  traits: {},
  misses: (base) => (batchOrderOf(base) === undefined ? 'its folios are large where nothing is in the way' : undefined),
};

/** Why a scheme cannot have a worker; undefined where it can. */
export function hasWorker({ freeWork }: Scheme): string | undefined {
  return freeWork === undefined ? undefined : 'it leaves pages to a worker already';
}

/** Variants about a pool of huge pages. */
export const poolVariants: readonly Mutation[] = [
  {
    name: 'restore-at-last-put',
    title: 'the metadata of a huge page is erased when its last reference goes, and not when it leaves the page cache',
    needs: { ...LARGE_FROM_THE_START, traits: { reclaim: ['at-removal'] } },
    change: () => ({ *restoreMetadata() {}, putFolio: putThenRestore }),
  },
  {
    name: 'deferred-merge',
    title: 'a hole leaves split folios split; workers count their last puts, and who counts the last page merges them',
    needs: {
      ...LARGE_FROM_THE_START,
      traits: { reclaim: ['at-removal'] },
      misses: (base) => LARGE_FROM_THE_START.misses!(base) ?? hasWorker(base),
    },
    change: (base) => ({
      declare: (m, scenario) => ({
        ...(base.declare?.(m, scenario) as object | undefined),
        ...declareWaiting(m, scenario),
      }),
      punchHole: punchBlocks('later'),
      putFolio: (g, folio, references) =>
        g.large === undefined || orderOf(folio) > 0
          ? base.putFolio(g, folio, references)
          : putThenLeave(g, folio, references),
      freeWork: countThenMerge,
    }),
  },
  {
    name: 'split-and-merge',
    title:
      'folios are large from the start and are split and merged as in v3d-hugetlb+prepare-first, whoever prepares them',
    needs: {
      words: 'a scheme whose folios are large only where nothing is in the way',
      traits: {},
      misses: (base) => (batchOrderOf(base) === undefined ? undefined : 'its folios are large from the start'),
    },
    change: () => ({
      newFolio: newWholeFolio,
      freshFolio: splitUnlessPrivate,
      setAttributes: inBatches({ range: 'block', freeze: 'try-first', end: 'last' }),
      punchHole: punchBlocks('try'),
      restoreMetadata: restoreHuge,
    }),
  },
];
