/**
 * Variants and mutations about what a host with TDs counts and gives back: the dynamic PAMT, the cache that splits take from, and the
 * key of a TD that is given up (R65, R66 and R69 in docs/kernel.md). Parts of the lists in variants.ts and mutations.ts.
 */

import { getPamt, getPamtOrNotFree, isCounted, putPamtThenLock, restoreCount } from '../calls/pamt.js';
import { lookAgain, splitUnderMutex } from '../calls/split-cache.js';
import type { Mutation } from './mutations.js';
import { answering, rewritten, sameKind } from './rewrite.js';

const needs = { words: 'any scheme', traits: {} };

/** Other ways that were posted. */
export const tdVariants: readonly Mutation[] = [
  {
    name: 'pamt-put-outside',
    title: 'the last reference to a PAMT goes before pamt_lock is taken; a PAMT that is still there then is no error',
    needs,
    change: () => ({ pamtGet: getPamtOrNotFree, pamtPut: putPamtThenLock }),
  },
  {
    name: 'split-mutex',
    title: 'a mutex is held from filling the cache of PAMT pages until the leaf is split',
    needs,
    change: () => ({ splitWithPamt: splitUnderMutex }),
  },
];

/** Planted bugs. */
export const tdMutations: readonly Mutation[] = [
  {
    name: 'pamt-get-unchecked',
    title: 'who takes pamt_lock to add a PAMT does not look at the count again: it is added twice',
    needs,
    change: (base) => ({
      pamtGet: (g, page) =>
        rewritten(base.pamtGet(g, page), (op) =>
          !op.spec.writes && sameKind(op, isCounted(g, page)) ? answering(false) : undefined,
        ),
    }),
  },
  {
    name: 'pamt-put-unchecked',
    title: 'who takes pamt_lock to remove a PAMT does not look at the count again: one in use is removed',
    needs: putOutside('its last reference goes under pamt_lock'),
    change: (base) => ({
      pamtPut: (g, page) =>
        rewritten(base.pamtPut(g, page), (op) =>
          !op.spec.writes && sameKind(op, isCounted(g, page)) ? answering(false) : undefined,
        ),
    }),
  },
  {
    name: 'pamt-not-free-refused',
    title:
      'a PAMT that is still there when it is to be added is an error, though its last reference may just have gone',
    needs: putOutside('no PAMT is there without a reference'),
    change: () => ({ pamtGet: getPamt }),
  },
  {
    name: 'pamt-not-restored',
    title: 'a PAMT that could not be removed is left without a reference, and is added again',
    needs,
    change: (base) => ({
      pamtPut: (g, page) =>
        rewritten(base.pamtPut(g, page), (op) =>
          sameKind(op, restoreCount(g, page)) ? answering(undefined) : undefined,
        ),
    }),
  },
  {
    name: 'split-cache-unchecked',
    title: 'a split does not look at the cache of PAMT pages again when it has filled it and has mmu_lock back',
    needs,
    change: (base) => ({
      splitWithPamt: (g, gfn, split) =>
        rewritten(base.splitWithPamt(g, gfn, split), (op) =>
          op.spec.label === lookAgain(g).spec.label ? answering(false) : undefined,
        ),
    }),
  },
  {
    name: 'hkid-released-unlocked',
    title:
      'a TD that is given up loses its key without mmu_lock: a zap that has blocked a page cannot remove it any more',
    needs,
    change: (base) => ({
      releaseHkid: (g) =>
        rewritten(base.releaseHkid(g), ({ spec }) =>
          spec.region === g.mmuLock.latch.region
            ? answering(spec.lock?.action === 'release' ? undefined : true)
            : undefined,
        ),
    }),
  },
];

function putOutside(otherwise: string): Mutation['needs'] {
  return {
    words: 'a put that drops the last reference before it takes pamt_lock, as pamt-put-outside',
    traits: {},
    misses: (base) => (base.pamtPut === putPamtThenLock ? undefined : otherwise),
  };
}
