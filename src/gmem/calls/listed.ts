/**
 * Which files an inode knows: whoever goes through them does it under the invalidate lock, under which they go. Whether they come
 * under it as well is a question that link.ts asks. Imported by what invalidates and by what ends a file.
 */

import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import type { Gmem } from '../gmem.js';

/**
 * Whether an invalidation of the inode is one of a file's VM: always, where files do not end. Where they are linked it is for files that
 * memslots are bound to, which changes under the invalidate lock only.
 */
export function* isListed(g: Gmem): Routine<boolean> {
  const { end, inode } = g.file;
  if (end === undefined) return true;
  if (inode.list !== undefined) return yield* atomic('list_for_each_entry()', () => isReached(g));
  const isThere = { result: (listed: number) => listed };
  return yield* end.listed.apply<boolean>('list_for_each_entry()', 'boolean', isThere);
}

/** Goes along the list as it is: what it does not come to is not there, whoever thinks that it is. A part of a section. */
function* isReached(g: Gmem): Routine<boolean> {
  const { list, files } = g.file.inode;
  if ((yield* g.file.end!.bound!.read()) === 0) return false;
  let node = 0;
  for (let steps = 0; steps <= files.length; steps++) {
    node = yield* list!.next.at(node).read();
    if (node === 0 || node === nodeOf(g)) break;
  }
  return node === nodeOf(g);
}

/** list_add() behind the head, store by store. */
export function* listAdd(g: Gmem): Routine {
  const { list } = g.file.inode;
  if (list === undefined) return;
  const own = nodeOf(g);
  const first = yield* list.next.at(0).read();
  yield* list.prev.at(first).write(own);
  yield* list.next.at(own).write(first);
  yield* list.prev.at(own).write(0);
  yield* list.next.at(0).write(own);
}

/** list_del() */
export function* listDel(g: Gmem): Routine {
  const { list } = g.file.inode;
  if (list === undefined) return;
  const next = yield* list.next.at(nodeOf(g)).read();
  const prev = yield* list.prev.at(nodeOf(g)).read();
  yield* list.prev.at(next).write(prev);
  yield* list.next.at(prev).write(next);
}

function nodeOf({ file }: Gmem): number {
  return file.inode.files.indexOf(file) + 1;
}
