/**
 * File list: the list of an inode's files as it is in memory, for worlds in which files come to it while others go through it. Nodes
 * are the head (0) and the files of the inode, from 1 on. Declared by the world, in worlds that have the part.
 */

import type { CellArray } from '../../core/ops/cell.js';
import type { ModelBuilder } from '../../model/model-builder.js';

/** Which nodes somebody comes to who goes along the list, given the next node of each. */
export function reachedNodes(next: readonly number[]): ReadonlySet<number> {
  const reached = new Set<number>();
  for (let node = next[0]; node !== 0 && !reached.has(node); node = next[node]) reached.add(node);
  return reached;
}

/** inode->i_mapping->i_private_list, and the entry of each file. */
export class FileList {
  /** entry->next */
  readonly next: CellArray;
  /** entry->prev */
  readonly prev: CellArray;

  /** @param listed for each file of the inode: whether it is on the list from the start */
  constructor(m: ModelBuilder, named: (name: string) => string, listed: readonly boolean[]) {
    this.next = m.cells(named('entry->next'), listed.length + 1);
    this.prev = m.cells(named('entry->prev'), listed.length + 1);
    // list_add() is behind the head: the file that came last is the first.
    const chain = [0, ...listed.flatMap((isThere, place) => (isThere ? [place + 1] : [])).reverse(), 0];
    for (const [place, node] of chain.slice(1).entries()) {
      m.layout.setInitial(this.next.region.base + chain[place], node);
      m.layout.setInitial(this.prev.region.base + node, chain[place]);
    }
  }
}
