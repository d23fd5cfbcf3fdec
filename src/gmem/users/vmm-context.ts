/**
 * The VMM as a user of the memory of a file (E2 in docs/kernel.md): its mappings hold references, so a conversion to private may
 * have to wait for them. What a hole does about user PTEs is the business of the page cache.
 */

import type { Gmem } from '../gmem.js';
import type { UserContext } from './user-context.js';

/** The context of the processes that map a file. */
export function vmmContext(g: Gmem): UserContext {
  return {
    mayAccess: ['shared'],
    *prepare({ gfns, why }) {
      return why === 'to-private' ? yield* g.scheme.makeConvertible(g, gfns) : 0;
    },
    *abandon() {},
    *begin() {},
    *takeBack() {},
    *end() {},
    *makeReady() {
      return 0;
    },
  };
}
