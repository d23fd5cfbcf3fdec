/**
 * Variants and mutations about the end of files, VMs and inodes (docs/kernel.md, "The end of a file"). Parts of the lists in
 * variants.ts and mutations.ts.
 */

import { dropThenPutModule } from '../calls/file-end.js';
import { destroySlab } from '../calls/module.js';
import type { Gmem } from '../gmem.js';
import type { Mutation } from './mutations.js';
import { answering, rewritten, sameKind } from './rewrite.js';

const anyScheme = { words: 'any scheme', traits: {} };

/** Other ways to end. */
export const endVariants: readonly Mutation[] = [
  {
    name: 'module-put-last',
    title: '__fput() gives the reference of the module back when the inode is dropped, and not before',
    needs: anyScheme,
    change: () => ({ lastFput: dropThenPutModule }),
  },
];

/** A release without one of its steps. */
const releaseWithout = (name: string, title: string, stepOf: (g: Gmem) => ReturnType<typeof listDel>): Mutation => ({
  name,
  title,
  needs: anyScheme,
  change: (base) => ({
    *releaseFile(g) {
      const step = stepOf(g);
      const pointers =
        step.spec.region === g.file.end!.slotPointer.region ? g.memslots?.filePointers.region : undefined;
      yield* rewritten(base.releaseFile(g), (op) => {
        const isPointer = pointers !== undefined && op.spec.region === pointers && op.spec.writes;
        return sameKind(op, step) || isPointer ? answering(undefined) : undefined;
      });
    },
  }),
});

const listDel = (g: Gmem) => g.file.end!.listed.write(0);

/** Ends with a step too few or too early. */
export const endMutations: readonly Mutation[] = [
  {
    name: 'release-unzapped',
    title: 'release leaves the mappings of the guest: the eviction of the inode truncates what is mapped',
    needs: anyScheme,
    change: (base) => ({
      releaseFile: (g) => base.releaseFile(g.with({ inodePages: [] })),
    }),
  },
  releaseWithout(
    'file-stays-listed',
    'release leaves the file on the list of its inode: others walk over freed memory',
    listDel,
  ),
  releaseWithout('slot-keeps-file', 'release leaves the pointers of the memslots: they lead to freed memory', (g) =>
    g.file.end!.slotPointer.write(0),
  ),
  {
    name: 'no-rcu-barrier',
    title: 'the module goes without waiting for the callbacks of RCU: free_inode comes to a slab that is destroyed',
    needs: anyScheme,
    change: () => ({
      *exitGmem(g) {
        yield* destroySlab(g);
      },
    }),
  },
];
