/**
 * Mutations of what only some worlds have: memory that fails, pages out of the direct map, write(2), a launch in place. See
 * mutations.ts, whose list they belong to.
 */

import type { Region } from '../../core/ops/layout.js';
import type { Op } from '../../core/ops/op.js';
import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { leaveFlags } from '../calls/carry-flags.js';
import { batchOrderOf } from '../calls/convert-blocks.js';
import { isMappingReset, type WaitingPages } from '../calls/deferred-merge.js';
import { rememberNoDirectMap } from '../calls/direct-map.js';
import { rangeAdd, rangeReplace } from '../calls/mmu.js';
import { defersMerge } from '../calls/punch-blocks.js';
import type { Gmem } from '../gmem.js';
import type { Slot } from '../scenarios/scenario.js';
import type { Folio, Gfn, Scheme } from '../scheme.js';
import { slotOf } from '../world/shown.js';
import { runBefore } from './mutated-routines.js';
import type { Mutation } from './mutations.js';
import { ANY, answering, isOnAny, puttingOff, rewritten, sameKind } from './rewrite.js';

const anyScheme = { words: 'a scheme', traits: {} } as const;
const marking = {
  words: 'faults that mark what they take out of the direct map',
  traits: { directMap: ['marked'] },
} as const;

const restoring: Mutation['needs'] = {
  words: 'a scheme that gives huge pages back to a pool, as v3d-hugetlb',
  traits: {},
  misses: (base) => (batchOrderOf(base) === undefined ? 'its folios come from no pool' : undefined),
};
const counting: Mutation['needs'] = {
  words: 'a scheme whose workers merge split folios, as v3d-hugetlb+deferred-merge',
  traits: {},
  misses: (base) => (defersMerge(base) ? undefined : 'no worker of it merges folios'),
};

/** Those about single parts of a world. */
export const partMutations: readonly Mutation[] = [
  {
    name: 'range-replaced',
    title: 'the range of a binding replaces that of the one before, within one invalidation: a fault on that one maps',
    needs: anyScheme,
    change: (base) => ({
      *openAndZap(g, gfns, opening) {
        const added = rangeAdd(g, ANY).spec.label;
        // By VM, the memslot of the page that was added last: a range is that of a binding.
        const last = new Map<Region, Slot | undefined>();
        return yield* rewritten(base.openAndZap(g, gfns, opening), (op) => {
          if (op.spec.label !== added) return undefined;
          const [start, , gfn] = op.spec.operands as readonly [{ region: Region }, unknown, Gfn];
          const view = g.views.find(({ rangeStart }) => rangeStart.region === start.region)!;
          const isNext = last.has(start.region) && last.get(start.region) !== slotOf(gfn);
          last.set(start.region, slotOf(gfn));
          return isNext ? rangeReplaced(view, gfn) : undefined;
        });
      },
    }),
  },
  {
    name: 'poison-after-end',
    title: 'the poison flag is set when memory_failure() is over: a fault behind it sees nothing and is not stale',
    needs: anyScheme,
    change: (base) => ({
      *memoryFailure(g, gfn) {
        const late: Op<unknown>[] = [];
        const poison = g.folios.at(ANY).send('POISON');
        const flags = g.large?.hwpoison;
        const result = yield* rewritten(base.memoryFailure(g, gfn), (op) => {
          if (!sameKind(op, poison) && !(flags !== undefined && op.spec.writes && isOnAny(op, [flags])))
            return undefined;
          late.push(op);
          return answering(undefined);
        });
        if (g.large === undefined) for (const op of late) yield* op.named('SetPageHWPoison($i)');
        else if (late.length > 0) yield* atomic('SetPageHWPoison($i)', () => inTurn(late));
        return result;
      },
    }),
  },
  {
    name: 'poison-unseen-by-user',
    title: 'a user fault does not ask for the poison flag: it maps the page again once it gets the folio lock',
    needs: anyScheme,
    change: (base) => ({
      poisonedForUser: (g, folio) =>
        rewritten(base.poisonedForUser(g, folio), (op) =>
          g.parts.poison && sameKind(op, g.testHwpoison(ANY)) ? answering(false) : undefined,
        ),
    }),
  },
  {
    name: 'poison-ignored-in-split',
    title: 'a split leaves the poison with the first page of the folio, and hands out the page that has failed',
    needs: {
      words: 'a split that gives the poison to the pages that have failed',
      traits: {},
      misses(base) {
        if (batchOrderOf(base) === undefined) return 'its folios are never split';
        return base.carryFlags === leaveFlags ? 'its splits leave the flag where it is' : undefined;
      },
    },
    change: (base) => ({
      *carryFlags(g, folio, to) {
        const flags = g.large?.hwpoison;
        const ignores = (op: Op<unknown>) => to === 'pages' && flags !== undefined && isOnAny(op, [flags]);
        yield* rewritten(base.carryFlags(g, folio, to), (op) =>
          op.spec.writes && ignores(op) ? answering(undefined) : undefined,
        );
      },
    }),
  },
  {
    name: 'page-cache-unexpected',
    title: 'memory_failure() counts the reference of the page cache among those of others, and reports a failure',
    needs: { words: 'a memory_failure() that passes MF_DELAYED on', traits: { delayed: ['handled'] } },
    change: (base) => ({
      *actionResult(g, folio, page) {
        let asked = false;
        return yield* rewritten(base.actionResult(g, folio, page), (op) => {
          if (asked || op.spec.region !== g.refcounts.region) return undefined;
          asked = true;
          return answering(true);
        });
      },
    }),
  },
  {
    name: 'zap-before-clear',
    title: 'the folio is taken out of the direct map before the host clears it',
    needs: marking,
    change: (base) => ({
      *getPfn(g, gfn, isPrivate) {
        function* zap(op: Op<unknown>): Routine {
          yield* g.scheme.zapDirectMap(g, op.spec.index as Folio);
        }
        return yield* rewritten(base.getPfn(g, gfn, isPrivate), (op) =>
          sameKind(op, g.clearHighpage(ANY)) ? runBefore(op, zap(op)) : undefined,
        );
      },
    }),
  },
  {
    name: 'marked-before-zap',
    title: 'the mark is stored before the folio is out of the direct map: once that has failed, the retry skips it',
    needs: marking,
    change: (base) => ({
      *zapDirectMap(g, folio) {
        if (!g.parts.noDirectMap) return yield* base.zapDirectMap(g, folio);
        const mark = rememberNoDirectMap(g, folio);
        function* testThenMark(test: Op<unknown>): Routine<unknown> {
          const isMarked = yield* test;
          if (isMarked !== true) yield* mark;
          return isMarked;
        }
        return yield* rewritten(base.zapDirectMap(g, folio), (op) => {
          if (sameKind(op, g.testNoDirectMap(ANY))) return testThenMark(op);
          return sameKind(op, mark) ? answering(undefined) : undefined;
        });
      },
    }),
  },
  {
    name: 'copy-not-refused',
    title: 'write(2) and populate copy into whatever folio there is, in the direct map or not',
    needs: marking,
    change: () => ({
      *copyRefused() {
        return false;
      },
    }),
  },
  {
    name: 'shared-before-reference',
    title: 'write(2) asks whether the memory is shared before it has a reference: a conversion gets in between',
    needs: anyScheme,
    change: (base) => ({
      *writeBegin(g, gfn) {
        const isPrivate = yield* g.isPrivate(gfn);
        return yield* rewritten(base.writeBegin(g, gfn), (op) =>
          op.spec.region === g.attributes.region ? answering(isPrivate) : undefined,
        );
      },
    }),
  },
  {
    name: 'copy-unmarked',
    title:
      'UFFDIO_COPY puts a folio into the page cache that is not marked uptodate: the next fault clears what was copied',
    needs: anyScheme,
    change: () => ({ *userfaultCopied() {} }),
  },
  {
    name: 'launch-clears-again',
    title: 'populate in place clears the page without asking for uptodate: what was written there is lost',
    needs: anyScheme,
    change: (base) => ({
      populateInPlace: (g, gfns) =>
        rewritten(base.populateInPlace(g, gfns), (op) =>
          sameKind(op, g.testUptodate(ANY)) ? answering(false) : undefined,
        ),
    }),
  },
  {
    name: 'metadata-never-erased',
    title: 'a huge page goes back to its pool with the restructuring metadata of its last owner',
    needs: restoring,
    change: (base) => givingBack(base, () => answering(undefined)),
  },
  {
    name: 'metadata-erased-twice',
    title: 'who gives a huge page back erases its restructuring metadata, and then once more',
    needs: restoring,
    change: (base) =>
      givingBack(base, function* (erase) {
        yield* erase;
        yield* erase;
      }),
  },
  {
    name: 'waiting-read-first',
    title:
      'a worker reads how many pages wait, and then stores one more: two workers store the same, and nobody merges',
    needs: counting,
    change: (base) => ({
      freeWork: (g, page) =>
        rewritten(base.freeWork!(g, page), ({ spec }) =>
          isCount(g, spec.region) && spec.result === 'number' ? readThenStore(g, page) : undefined,
        ),
    }),
  },
  {
    name: 'waiting-read-behind',
    title: 'a worker adds its page to those that wait, and then reads how many there are: two workers merge',
    needs: counting,
    change: (base) => ({
      freeWork: (g, page) =>
        rewritten(base.freeWork!(g, page), ({ spec }) =>
          isCount(g, spec.region) && spec.result === 'number' ? addThenRead(g, page) : undefined,
        ),
    }),
  },
  {
    name: 'counted-on-the-list',
    title:
      'a worker counts a page before it has taken it off its list: who merges hands out a page that is still on one',
    needs: counting,
    change: (base) => ({
      freeWork: (g, page) =>
        puttingOff(base.freeWork!(g, page), {
          early: (op) => isMappingReset(g, op),
          until: ({ spec }) => isCount(g, spec.region),
        }),
    }),
  },
  {
    name: 'pool-before-restore',
    title: 'a merged huge page is back in its pool before its restructuring metadata is erased',
    needs: counting,
    change: (base) => ({
      freeWork: (g, page) =>
        puttingOff(base.freeWork!(g, page), {
          early: ({ spec }) => spec.region !== undefined && spec.region === g.large?.metadata?.region,
          until: ({ spec }) => spec.region === g.large?.blocks.region,
        }),
    }),
  },
  {
    name: 'order-of-err-ptr',
    title: 'kvm_gmem_get_folio() asks for the order of the folio that it got, before it asks whether it got one',
    needs: anyScheme,
    change: (base) => ({
      *newFolio(g, gfn) {
        const folio = yield* base.newFolio(g, gfn);
        if (folio === null) yield* orderOfErrPtr(g);
        return folio;
      },
    }),
  },
];

function* inTurn(ops: readonly Op<unknown>[]): Routine {
  for (const op of ops) yield* op;
}

/** A scheme with its erasures of restructuring metadata changed, wherever it has them. */
function givingBack(base: Scheme, change: (erase: Op<unknown>) => Routine<unknown>): Partial<Scheme> {
  function changed<T>(g: Gmem, routine: Routine<T>): Routine<T> {
    const metadata = g.large?.metadata;
    return rewritten(routine, (op) =>
      metadata !== undefined && op.spec.region === metadata.region ? change(op) : undefined,
    );
  }
  const { freeWork } = base;
  return {
    restoreMetadata: (g, folio) => changed(g, base.restoreMetadata(g, folio)),
    putFolio: (g, folio, references) => changed(g, base.putFolio(g, folio, references)),
    ...(freeWork === undefined ? {} : { freeWork: (g: Gmem, folio: Folio) => changed(g, freeWork(g, folio)) }),
  };
}

function isCount(g: Gmem, region: Region | undefined): boolean {
  return region !== undefined && region === g.own<WaitingPages | undefined>()?.waiting.region;
}

/** The count that a worker has made, with the load and the store of it as steps of their own. */
function* readThenStore(g: Gmem, page: Folio): Routine<number> {
  const waiting = g.own<WaitingPages>().waiting.at(g.large!.blockOf(page));
  const count = yield* waiting.read();
  yield* waiting.write(count + 1);
  return count + 1;
}

function* addThenRead(g: Gmem, page: Folio): Routine<number> {
  const waiting = g.own<WaitingPages>().waiting.at(g.large!.blockOf(page));
  yield* waiting.add(1);
  return yield* waiting.read();
}

/** folio_order() of ERR_PTR(-ENOMEM): a load from an address where nothing is. */
function orderOfErrPtr(g: Gmem): Op<void> {
  const words = 'the kernel reads a folio at the address -12, takes a page fault there and dies with its locks held';
  return g.invalidateInProgress.apply<void>('WARN_ON_ONCE(folio_order(ERR_PTR(-ENOMEM)))', 'none', {
    violation: () => ({ kind: 'host-page-fault', words }),
  });
}

function* rangeReplaced(g: Gmem, gfn: Gfn): Routine {
  yield* rangeReplace(g, gfn);
}
