/**
 * Mutations of what only some worlds have: memory that fails, pages out of the direct map, write(2), a launch in place. See
 * mutations.ts, whose list they belong to.
 */

import type { Op } from '../../core/ops/op.js';
import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { leaveFlags } from '../calls/carry-flags.js';
import { batchOrderOf } from '../calls/convert-blocks.js';
import { rememberNoDirectMap } from '../calls/direct-map.js';
import type { Gmem } from '../gmem.js';
import type { Folio } from '../scheme.js';
import { runBefore } from './mutated-routines.js';
import type { Mutation } from './mutations.js';
import { ANY, answering, isOnAny, rewritten, sameKind } from './rewrite.js';

const anyScheme = { words: 'a scheme', traits: {} } as const;
const marking = {
  words: 'faults that mark what they take out of the direct map',
  traits: { directMap: ['marked'] },
} as const;

/** Those about single parts of a world. */
export const partMutations: readonly Mutation[] = [
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

/** folio_order() of ERR_PTR(-ENOMEM): a load from an address where nothing is. */
function orderOfErrPtr(g: Gmem): Op<void> {
  const words = 'the kernel reads a folio at the address -12, takes a page fault there and dies with its locks held';
  return g.invalidateInProgress.apply<void>('WARN_ON_ONCE(folio_order(ERR_PTR(-ENOMEM)))', 'none', {
    violation: () => ({ kind: 'host-page-fault', words }),
  });
}
