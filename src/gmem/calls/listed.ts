/**
 * Which files an inode knows: whoever goes through them does it under the invalidate lock, under which they come and go. Imported
 * by what invalidates.
 */

import type { Routine } from '../../core/ops/routine.js';
import type { Gmem } from '../gmem.js';

/** Whether the inode still knows a file; always, where files do not end. */
export function* isListed(g: Gmem): Routine<boolean> {
  const { end } = g.file;
  if (end === undefined) return true;
  const isThere = { result: (listed: number) => listed };
  return yield* end.listed.apply<boolean>('list_for_each_entry()', 'boolean', isThere);
}
