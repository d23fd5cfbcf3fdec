/**
 * Mutations: named one-change bugs, written as `scheme+mutation`. Each is a patch on whatever scheme it is given, and
 * never puts another version's routine in place of one of the scheme's own: it runs that routine and changes some of its
 * ops (rewrite.ts), or what the routine calls. Whether it fits is a question of the scheme's traits; a scheme that it does
 * not fit is refused, with the trait that is in the way. Imported by the scheme lookup and by tests.
 */

import { halvesOf } from '../../core/ops/cell.js';
import { batchOrderOf, inBatches } from '../calls/convert-blocks.js';
import { byWorkList, type WorkListWays, workListOf } from '../calls/convert-work-list.js';
import { orderOfFolio } from '../calls/map-level.js';
import { requestReload } from '../calls/vmsa.js';
import type { Folio, Scheme } from '../scheme.js';
import type { TraitNeeds, Traits } from '../traits.js';
import { endMutations } from './end-variants.js';
import {
  checkThenLock,
  countThenUnmap,
  countUndrained,
  endThenStore,
  everyRoutine,
  hookedBy,
  hookThenClear,
  leavingDirectMap,
  markingOnce,
  negated,
  pinUnderLock,
  runBefore,
  tokensOf,
  unlockThenHook,
  zeroThenLeave,
} from './mutated-routines.js';
import { partMutations } from './part-mutations.js';
import { ANY, answering, isWait, puttingOff, rewritten, sameKind } from './rewrite.js';
import { rmpoptMutations } from './rmpopt-variants.js';
import { septMutations } from './sept-variants.js';
import { slotMutations } from './slot-variants.js';
import { tdMutations } from './td-variants.js';
import { userMutations } from './user-variants.js';

/** A named change of a scheme. */
export interface Mutation {
  readonly name: string;
  /** One line: what it breaks, and what comes of it; docs/kernel.md has the race by name. */
  readonly title: string;
  /** Which schemes can have it, in words, and the traits that it needs. */
  readonly needs: {
    readonly words: string;
    readonly traits: TraitNeeds;
    /** What it lacks that no trait tells; undefined when it lacks nothing. */
    misses?(base: Scheme): string | undefined;
  };
  /** The routines it changes. */
  readonly change: (base: Scheme, traits: Traits) => Partial<Scheme>;
}

function punchesWholeBlocks(base: Scheme): string | undefined {
  return batchOrderOf(base) === undefined ? undefined : 'its punches are of whole blocks';
}

/** All mutations, by the part of the fault they touch. */
export const mutations: readonly Mutation[] = [
  {
    name: 'no-seq-check',
    title: 'the retry checks forget mmu_invalidate_seq and look at the count only: a stale fault maps',
    needs: { words: 'a retry check that looks at mmu_invalidate_seq', traits: { retryCheck: ['sequence'] } },
    change: (base) => ({
      *invalidateRetry(g, gfn) {
        const changed = g.invalidateSeq.changed();
        return yield* rewritten(base.invalidateRetry(g, gfn), (op) =>
          sameKind(op, changed) ? answering(false) : undefined,
        );
      },
    }),
  },
  {
    name: 'snapshot-late',
    title: 'mmu_invalidate_seq is read again after the folio was looked up: a stale fault maps',
    needs: {
      words: 'faults that take a snapshot of mmu_invalidate_seq',
      traits: { snapshot: ['before-attribute', 'after-attribute'] },
    },
    change: (base) => ({
      *getPfn(g, gfn, isPrivate) {
        const folio = yield* base.getPfn(g, gfn, isPrivate);
        yield* g.invalidateSeq.take();
        return folio;
      },
    }),
  },
  {
    name: 'check-outside-mmu-lock',
    title: 'the fault is checked for staleness before mmu_lock is taken: a stale fault maps',
    needs: { words: 'a staleness check under mmu_lock', traits: { mapCheck: ['under-mmu-lock'] } },
    change: (base) => ({ mapFolio: (g, gfn, folio, isPrivate) => checkThenLock(base, g, gfn, folio, isPrivate) }),
  },
  {
    name: 'attribute-before-snapshot',
    title: 'the attribute is read before mmu_invalidate_seq: a conversion in between goes unseen',
    needs: {
      words: 'faults that take the snapshot before they read the attribute',
      traits: { snapshot: ['before-attribute'] },
    },
    change: (base) => ({
      *faultinPfn(g, gfn, isPrivate) {
        const take = g.invalidateSeq.take();
        return yield* puttingOff(base.faultinPfn(g, gfn, isPrivate), {
          early: (op) => sameKind(op, take),
          until: ({ spec }) => spec.region === g.attributes.region,
        });
      },
    }),
  },
  {
    name: 'seq-after-count',
    title: 'the end of an invalidation drops the count before it advances the sequence',
    needs: {
      words: 'an end that advances the sequence before it drops the count',
      traits: { end: ['sequence-first'] },
    },
    change: (base) => ({
      *invalidateEnd(g) {
        const bump = g.invalidateSeq.bump();
        yield* puttingOff(base.invalidateEnd(g), {
          early: (op) => sameKind(op, bump),
          until: ({ spec }) => spec.region === g.invalidateInProgress.region && spec.writes,
        });
      },
    }),
  },
  {
    name: 'end-before-store',
    title: 'a conversion ends its invalidation before it stores the attribute: no fault can notice',
    needs: { words: 'a conversion that stores inside begin..end', traits: { attributeStore: ['inside'] } },
    change: (base) => ({ storeAndEnd: (g, gfns, to) => endThenStore(base, g, gfns, to) }),
  },
  {
    name: 'refcount-accepts-mapcount',
    title: 'a conversion counts references, the mapping among them, before it unmaps: a pin gets in between',
    needs: { words: 'a conversion that unmaps and then counts', traits: { convertible: ['unmap-first'] } },
    change: (base) => ({ makeConvertible: (g, gfns) => countThenUnmap(base, g, gfns) }),
  },
  {
    name: 'gup-under-lock',
    title: 'populate pins its source inside the exclusive invalidate lock, which user faults want under mmap_lock',
    needs: {
      words: 'a populate that faults on its source page',
      traits: { source: ['pinned-first', 'under-lock'] },
    },
    change: (base, { source }) =>
      source === 'under-lock' ? {} : { populate: (g, gfns) => pinUnderLock(base, g, gfns) },
  },
  {
    name: 'unlock-before-hook',
    title: 'the folio is unlocked before the arch hook runs: hooks and truncation are no longer ordered',
    needs: {
      words: 'an arch hook under the folio lock',
      traits: { hook: ['unprepared', 'every-fault', 'if-private'], hookLock: ['folio-lock'] },
    },
    change: (base) => ({ getPfn: (g, gfn, isPrivate) => unlockThenHook(base, g, gfn, isPrivate) }),
  },
  {
    name: 'mark-before-hook',
    title: 'the folio is marked prepared before the hook has succeeded: a retry skips the hook',
    needs: {
      words: 'a scheme that tracks what is prepared (testPrepared, markPrepared) and marks it after the arch hook',
      traits: { preparedMark: ['after-hook'] },
    },
    change: (base) => ({
      *getPfn(g, gfn, isPrivate) {
        const mark = markingOnce(g, base);
        const arch = hookedBy(g.arch, function* (hook, folio) {
          yield* mark.now(folio, gfn);
          return yield* hook();
        });
        return yield* base.getPfn(g.with({ arch, scheme: mark.scheme }), gfn, isPrivate);
      },
    }),
  },
  {
    name: 'mark-before-clear',
    title: 'the folio is marked prepared before it is cleared',
    needs: {
      words: 'a scheme that tracks what is prepared (testPrepared, markPrepared) and marks it after the clear',
      traits: { preparedMark: ['after-hook', 'before-hook'], clear: ['before-hook', 'after-hook'] },
    },
    change: (base) => ({
      *getPfn(g, gfn, isPrivate) {
        const mark = markingOnce(g, base);
        const routine = base.getPfn(g.with({ scheme: mark.scheme }), gfn, isPrivate);
        return yield* rewritten(routine, (op) =>
          sameKind(op, g.clearHighpage(ANY)) ? runBefore(op, mark.pageNow(op.spec.index as Folio, gfn)) : undefined,
        );
      },
    }),
  },
  {
    name: 'inverted-test',
    title: 'the test for uptodate is negated: a new page is mapped uncleared',
    needs: { words: 'faults that ask for uptodate', traits: { uptodate: ['cleared', 'cleared-and-prepared'] } },
    change: (base) => ({
      *getPfn(g, gfn, isPrivate) {
        return yield* rewritten(base.getPfn(g, gfn, isPrivate), (op) =>
          sameKind(op, g.testUptodate(ANY)) ? negated(op) : undefined,
        );
      },
    }),
  },
  {
    name: 'hook-before-clear',
    title: 'the hook assigns the page before the host clears it',
    needs: {
      words: 'faults that clear a new folio and then call the arch hook, both under the folio lock',
      traits: { hook: ['unprepared', 'every-fault'], hookLock: ['folio-lock'], clear: ['before-hook'] },
    },
    change: (base) => ({ getPfn: (g, gfn, isPrivate) => hookThenClear(base, g, gfn, isPrivate) }),
  },
  {
    name: 'direct-map-not-split',
    title: "a page gets an RMP entry of its own while the host's direct mapping of its block is one 2M entry",
    needs: {
      words: 'an arch hook that faults call',
      traits: { hook: ['unprepared', 'every-fault', 'if-private'] },
    },
    change: (base) => ({
      getPfn: (g, gfn, isPrivate) => leavingDirectMap(g, base.getPfn(g, gfn, isPrivate)),
      populate: (g, gfns) => leavingDirectMap(g, base.populate(g, gfns)),
    }),
  },
  {
    name: 'busy-not-awaited',
    title: 'truncation and conversion reset a busy index instead of waiting for it',
    needs: {
      words: 'a scheme with the states of cmpxchg-tristate, or another one whose invalidations wait for an index',
      traits: { busyIndex: ['awaited'] },
    },
    change: (base) => ({
      *invalidating(g, gfn) {
        yield* rewritten(base.invalidating(g, gfn), (op) => (isWait(op) ? answering(undefined) : undefined));
      },
    }),
  },
  {
    name: 'generation-late',
    title: 'the generation is looked at only after the folio was looked up: a reset in between goes unseen',
    needs: {
      words: 'a scheme with a generation of its own, as cmpxchg-tristate',
      traits: { generation: ['before-lookup'] },
    },
    change: (base) => ({
      *prepareFolio(g, folio, gfn) {
        for (const generation of tokensOf(g, gfn)) yield* generation.take();
        return yield* base.prepareFolio(g, folio, gfn);
      },
    }),
  },
  {
    name: 'vmsa-not-invalidated',
    title: 'the begin of an invalidation forgets the vCPU that runs on a VMSA in its range',
    needs: { words: 'invalidations that take a VMSA away', traits: { vmsaInvalidation: ['inside-begin'] } },
    change: () => ({ *invalidateVmsa() {} }),
  },
  {
    name: 'vmsa-invalidated-late',
    title: 'an invalidation takes a VMSA away after it has given mmu_lock up',
    needs: { words: 'invalidations that take a VMSA away', traits: { vmsaInvalidation: ['inside-begin'] } },
    change: (base) => ({
      *invalidateVmsa() {},
      *invalidating(g, gfn) {
        yield* base.invalidating(g, gfn);
        if (g.parts.vmsas) for (const view of g.views) yield* base.invalidateVmsa(view, gfn);
      },
    }),
  },
  {
    name: 'vmsa-reload-not-requested',
    title: 'a vCPU that finds its VMSA stale when it loads it does not ask for it again',
    needs: { words: 'a load of the VMSA with a check', traits: { vmsaLoad: ['checked'] } },
    change: (base) => ({
      *loadVmsa(g, gfn) {
        const request = requestReload(g, gfn);
        return yield* rewritten(base.loadVmsa(g, gfn), (op) =>
          sameKind(op, request) && op.spec.label === request.spec.label ? answering(undefined) : undefined,
        );
      },
    }),
  },
  {
    name: 'plain-bitmap-word',
    title: 'the bitmap is updated by a plain read-modify-write of its word: the bit of a neighbour is lost',
    needs: { words: 'a scheme with a prepared bitmap', traits: { preparedBit: ['atomic'] } },
    change: (base) => everyRoutine(base, (routine) => rewritten(routine, halvesOf)),
  },
  {
    name: 'range-not-rounded',
    title: 'a conversion opens its invalidation for what was asked for, and not for all that a mapping may cover',
    needs: {
      words: 'conversions that go block by block and open their invalidation for the block, as those of v3d-hugetlb',
      traits: {},
      misses: (base) =>
        batchOrderOf(base)?.range === 'block' ? undefined : 'its conversions open it for what was asked for',
    },
    change: (base) => ({ setAttributes: inBatches({ ...batchOrderOf(base)!, range: 'asked' }) }),
  },
  {
    name: 'max-order-over-edge',
    title: 'the lookup of a fault reports the order of the folio, whether its memslot shows all of it or not',
    needs: {
      words: 'a lookup that asks whether the memslot shows all of the folio',
      traits: {},
      misses: ({ maxOrder }) => (maxOrder === orderOfFolio ? 'its lookup reports the order of the folio' : undefined),
    },
    change: () => ({ maxOrder: orderOfFolio }),
  },
  {
    name: 'no-lru-drain',
    title: 'a conversion counts references without draining the LRU batches first, and is told to try again for ever',
    needs: { words: 'a conversion that unmaps and then counts', traits: { convertible: ['unmap-first'] } },
    change: (base) => ({ makeConvertible: (g, gfns) => countUndrained(base, g, gfns) }),
  },
  {
    name: 'zero-partial-folio',
    title: 'a punched hole zeroes its part of a large folio that reaches out of it',
    needs: { words: 'a punch that may be of a part of a folio', traits: {}, misses: punchesWholeBlocks },
    change: (base) => ({ truncatePartial: (g, gfns, gfn, folio) => zeroThenLeave(base, g, gfns, gfn, folio) }),
  },
  workListMutation('work-error-shadowed', 'a work list for which there is no memory is taken for the whole one', {
    noMemory: 'shadowed',
  }),
  workListMutation(
    'rollback-wraps',
    'the way back through a work list counts an unsigned index down to the first one',
    {
      index: 'unsigned',
    },
  ),
  ...septMutations,
  ...userMutations,
  ...tdMutations,
  ...partMutations,
  ...endMutations,
  ...slotMutations,
  ...rmpoptMutations,
];

/** Another way to make a work list, or to go back through it. */
function workListMutation(name: string, title: string, change: Partial<WorkListWays>): Mutation {
  return {
    name,
    title,
    needs: {
      words: 'conversions by a work list, as the variant work-list has them',
      traits: {},
      misses: (base) => (workListOf(base) === undefined ? 'its conversions write no work list down' : undefined),
    },
    change: (base) => ({ setAttributes: byWorkList({ ...workListOf(base)!, ...change }) }),
  };
}
