/**
 * Variants and mutations about RMPOPT: where its bits are set again, by whom and when (docs/kernel.md, "RMPOPT"). Parts of the lists
 * in variants.ts and mutations.ts.
 */

import { countFreed, countTaken, type Optimizing, requestScan, rmpoptOfFolio, scanIfSnp } from '../calls/rmpopt.js';
import type { Mutation } from './mutations.js';

const setsNoBits: Mutation['needs'] = {
  words: 'a scheme that leaves the bits of RMPOPT alone',
  traits: {},
  misses: ({ optimizing }) => (optimizing === undefined ? undefined : 'it sets them already'),
};

const scansByWork: Mutation['needs'] = {
  words: 'a scheme whose VMs leave the scan to a work, as optimize-by-work has it',
  traits: {},
  misses: ({ optimizing }) => (optimizing?.request === undefined ? 'no work of it scans' : undefined),
};

const countsByRange: Mutation['needs'] = {
  words: 'a scheme that counts the free pages of a GB, as optimize-full-range has it',
  traits: {},
  misses: ({ optimizing }) => (optimizing?.counts === 'by range' ? undefined : 'it counts none'),
};

const byWork = (name: string, title: string, optimizing: Optimizing): Mutation => ({
  name,
  title,
  needs: setsNoBits,
  change: (base) => ({
    optimizing: { shutdown: 'cancels', ...optimizing },
    *destroyVm(g) {
      yield* base.destroyVm(g);
      yield* requestScan(g);
    },
  }),
});

const byCount = (name: string, title: string, counts: NonNullable<Optimizing['counts']>): Mutation => ({
  name,
  title,
  needs: setsNoBits,
  change: (base) => ({
    optimizing: { counts },
    *freshFolio(g, gfn, folio) {
      yield* countTaken(g, folio);
      return yield* base.freshFolio(g, gfn, folio);
    },
    *freeFolio(g, folio) {
      yield* base.freeFolio(g, folio);
      yield* countFreed(g, folio);
    },
  }),
});

/** Who sets the bits, and when. */
export const rmpoptVariants: readonly Mutation[] = [
  {
    name: 'optimize-in-free-inode',
    title: 'the callback of RCU that frees an inode scans all memory with RMPOPT, if SNP is on',
    needs: setsNoBits,
    change: (base) => ({
      optimizing: {},
      *freeInode(g) {
        yield* scanIfSnp(g);
        yield* base.freeInode(g);
      },
    }),
  },
  {
    name: 'optimize-in-evict-inode',
    title: 'the eviction of an inode scans all memory with RMPOPT before it truncates the page cache',
    needs: setsNoBits,
    change: (base) => ({
      optimizing: {},
      *evictInode(g) {
        yield* scanIfSnp(g);
        yield* base.evictInode(g);
      },
    }),
  },
  {
    name: 'optimize-in-destroy-inode',
    title: 'the eviction of an inode scans all memory with RMPOPT when its page cache is empty',
    needs: setsNoBits,
    change: (base) => ({
      optimizing: {},
      *evictInode(g) {
        yield* base.evictInode(g);
        yield* scanIfSnp(g);
      },
    }),
  },
  {
    name: 'optimize-at-free',
    title: 'each page that leaves its file has RMPOPT look at its GB',
    needs: setsNoBits,
    change: (base) => ({
      optimizing: {},
      *freeFolio(g, folio) {
        yield* base.freeFolio(g, folio);
        yield* rmpoptOfFolio(g, folio);
      },
    }),
  },
  byWork(
    'optimize-by-queued-work',
    'the end of a VM queues a delayed work, unless it is pending, that scans on its own CPU; CPUs go and come',
    { request: 'queue', scansOn: 'own CPU', hotplug: 'on' },
  ),
  byWork(
    'optimize-by-work',
    'the end of a VM begins the delay of the work anew, which sends its scan to a CPU; CPUs stay while SNP is on',
    { request: 'modify', scansOn: 'a CPU', hotplug: 'off' },
  ),
  byCount(
    'optimize-full-range',
    'free pages are counted for each GB, and who frees the last one has RMPOPT look at it',
    'by range',
  ),
  byCount('optimize-full-range-by-inode', 'each inode counts the pages of a GB that it has given back', 'by inode'),
];

/** Slips in it. */
export const rmpoptMutations: readonly Mutation[] = [
  {
    name: 'work-takes-mutex',
    title: 'the work takes the mutex that the shutdown holds while it waits for the work',
    needs: scansByWork,
    change: ({ optimizing }) => ({ optimizing: { ...optimizing, workLocks: true } }),
  },
  {
    name: 'shutdown-keeps-work',
    title: 'the shutdown of SNP does not cancel the work: it scans when SNP is off',
    needs: scansByWork,
    change: ({ optimizing }) => ({ optimizing: { ...optimizing, shutdown: 'ignores' } }),
  },
  {
    name: 'queue-pending-work',
    title:
      'the end of a VM leaves a work alone that is pending: its delay is over before the VM has given its pages back',
    needs: scansByWork,
    change: ({ optimizing }) => ({ optimizing: { ...optimizing, request: 'queue' } }),
  },
  {
    name: 'scan-at-destroy',
    title: 'the end of a VM scans at once, before its files have given their pages back',
    needs: scansByWork,
    change: ({ optimizing }) => ({ optimizing: { ...optimizing, request: 'none: scans at once' } }),
  },
  {
    name: 'act-once',
    title: 'what acts on a GB when all of its pages are free does so once',
    needs: countsByRange,
    change: ({ optimizing }) => ({ optimizing: { ...optimizing, counts: 'by range, acted once' } }),
  },
];
