/**
 * A locking patch as a scheme: mainline, with the hook asked before the page is cleared and not after it.
 *
 *   faultline verify fault-fault --scheme examples/scheme-patch.ts   the host clears a page that is the guest's by then
 *   faultline compare --schemes v2-hook-every-fault,examples/scheme-patch.ts
 */
import { defineScheme, v2HookEveryFault } from 'faultline';

export default defineScheme(v2HookEveryFault, {
  name: 'hook-first',
  title: 'mainline that asks the hook before it clears the page',
  *prepareFolio(g, folio) {
    const result = yield* g.arch.prepare(g, folio);
    if (!(yield* g.testUptodate(folio))) {
      yield* g.clearHighpage(folio);
      yield* g.markUptodate(folio);
    }
    return result;
  },
});
