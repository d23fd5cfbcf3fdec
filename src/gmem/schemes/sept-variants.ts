/**
 * Variants and mutations about the S-EPT of a TD: when large leaves that reach out of a range are split, and what is forgotten on the
 * way (R30, R31, R64 and R68 in docs/kernel.md). Parts of the lists in variants.ts and mutations.ts.
 */

import { defineArch } from '../arch/arch.js';
import { type OpenAndZap, splitAndZapEach, zapAtOnce, zapThenSplit } from '../calls/open-and-zap.js';
import { extend } from '../calls/sept.js';
import type { Gmem } from '../gmem.js';
import { wholeBlocks } from '../world/folio-ref.js';
import type { Mutation } from './mutations.js';
import { ANY, answering, puttingOff, rewritten, sameKind } from './rewrite.js';

const needs = { words: 'any scheme', traits: {} };

/** Other orders of split and zap. */
export const septVariants: readonly Mutation[] = [
  orderVariant(
    'zap-unsplit',
    'conversions and holes split no leaf: a zap takes all of one that reaches out',
    zapAtOnce,
  ),
  orderVariant(
    'zap-then-split',
    'conversions and holes zap in the begin, and split the leaves that are left',
    zapThenSplit,
  ),
  orderVariant('split-each-binding', 'conversions and holes split and zap binding by binding', splitAndZapEach),
  {
    name: 'range-rounded',
    title: 'conversions and holes open their invalidation for the whole blocks that they touch',
    needs,
    change: (base) => ({
      openAndZap: (g, gfns, opening) => base.openAndZap(g, gfns, { ...opening, opened: wholeBlocks(gfns) }),
    }),
  },
  {
    name: 'attributes-unwidened',
    title: 'VM attributes open their invalidation for what changes, and not for the blocks at head and tail',
    needs,
    change: (base) => ({
      openAndZap: (g, gfns, opening) =>
        base.openAndZap(g, gfns, opening.begin === undefined ? opening : { ...opening, opened: gfns }),
    }),
  },
  {
    name: 'zap-both-roots',
    title: 'conversions zap the mappings of both kinds, and not those of the old kind alone',
    needs,
    change: (base) => ({
      openAndZap: (g, gfns, opening) => base.openAndZap(g, gfns, { ...opening, roots: [true, false] }),
    }),
  },
];

function orderVariant(name: string, title: string, openAndZap: OpenAndZap): Mutation {
  return { name, title, needs, change: () => ({ openAndZap }) };
}

/** Planted bugs. */
export const septMutations: readonly Mutation[] = [
  {
    name: 'split-wrong-root',
    title: 'leaves that reach out of a range are looked for in the root of shared memory: none of the S-EPT is split',
    needs,
    change: (base) => ({
      openAndZap: (g, gfns, opening) =>
        opening.begin === undefined ? base.openAndZap(withArch(g), gfns, opening) : zapAtOnce(g, gfns, opening),
    }),
  },
  {
    name: 'zap-wrong-root',
    title: 'conversions zap the mappings of the new kind, and those of the old kind stay',
    needs,
    change: (base) => ({
      openAndZap(g, gfns, opening) {
        const roots = opening.roots.length === 1 ? [!opening.roots[0]] : opening.roots;
        return base.openAndZap(g, gfns, { ...opening, roots });
      },
    }),
  },
  {
    name: 'extend-unlocked',
    title: 'populate measures a page of a TD once it has given the invalidate lock up: a zap comes in between',
    needs,
    change: (base) => ({
      populate(g, gfns) {
        if (g.sept === undefined) return base.populate(g, gfns);
        return puttingOff(base.populate(g, gfns), {
          early: (op) => sameKind(op, extend(g, ANY)),
          until: ({ spec }) => spec.region === g.invalidateLock.latch.region && spec.lock?.action === 'release',
        });
      },
    }),
  },
  {
    name: 'inhibit-after-unlock',
    title:
      'the mark that a guest accepts less than a large leaf is set once mmu_lock was given up: a large leaf comes in between',
    needs,
    change: (base) => ({
      honorAcceptLevel(g, gfn) {
        const mark = g.file.vm.guestInhibit;
        if (mark === undefined) return base.honorAcceptLevel(g, gfn);
        return puttingOff(base.honorAcceptLevel(g, gfn), {
          early: (op) => sameKind(op, mark.at(ANY).write(1)),
          until: ({ spec }) => spec.region === g.mmuLock.latch.region && spec.lock?.action === 'release',
        });
      },
    }),
  },
  {
    name: 'frozen-not-restored',
    title: 'a fault whose SEAMCALL was busy leaves the entry of the mirror frozen: whoever comes there tries for ever',
    needs,
    change: (base) => ({
      mapFolio(g, gfn, folio, isPrivate) {
        const { frozen } = g.file.vm;
        return rewritten(base.mapFolio(g, gfn, folio, isPrivate), (op) =>
          frozen !== undefined && sameKind(op, frozen.at(ANY).cmpxchg(1, 0)) ? answering(true) : undefined,
        );
      },
    }),
  },
  {
    name: 'vcpus-let-in',
    title: 'a SEAMCALL that was busy is made again without holding the vCPUs out of the guest',
    needs,
    change: (base) => ({
      openAndZap(g, gfns, opening) {
        const { heldOut } = g.file.vm;
        return rewritten(base.openAndZap(g, gfns, opening), (op) =>
          heldOut !== undefined && sameKind(op, heldOut.write(1)) ? answering(undefined) : undefined,
        );
      },
    }),
  },
  {
    name: 'state-guard-missing',
    title:
      'the ioctls of the launch of a TD take slots_lock alone: one meets a vCPU that is being made in the TDX module',
    needs,
    change: () => ({ guardTdState: (_g, body) => body() }),
  },
  septMutation('track-missing', 'TRACK', 'pages are removed from the S-EPT before the vCPUs have left the guest'),
  septMutation('block-missing', 'BLOCK', 'pages are removed from the S-EPT that are not blocked'),
];

/** The shared root of a gfn that is private is empty: nothing is found to be split. */
function withArch(g: Gmem): Gmem {
  return g.with({ arch: defineArch(g.arch, { splitLeaves: () => answering(0) }) });
}

function septMutation(name: string, event: string, title: string): Mutation {
  return {
    name,
    title,
    needs,
    change: (base) => ({
      openAndZap: (g, gfns, opening) =>
        rewritten(base.openAndZap(g, gfns, opening), (op) =>
          g.sept !== undefined && sameKind(op, g.sept.at(ANY).send(event)) ? answering(undefined) : undefined,
        ),
    }),
  };
}
