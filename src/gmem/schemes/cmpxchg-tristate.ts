/**
 * S6: each index is none, busy or ready, moved by compare-exchange, with a generation that truncation advances. The
 * hook runs outside the folio lock; whoever finds the page busy waits.
 */

import type { CellArray } from '../../core/cell.js';
import { here, within } from '../../core/routine.js';
import type { Token } from '../../primitives/token.js';
import { getFolio, putFolio } from '../calls/filemap.js';
import { clearOnce } from '../calls/get-pfn.js';
import { RET_PF_RETRY } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { defineScheme, type Gfn } from '../scheme.js';
import { v2HookEveryFault } from './v2-hook-every-fault.js';

const NONE = 0;
const BUSY = 1;
const READY = 2;

interface Tristate {
  readonly state: CellArray;
  readonly generation: Token;
}

function* forget(g: Gmem, gfn: Gfn) {
  const { state, generation } = g.own<Tristate>();
  yield* generation.at(gfn).bump();
  yield* state.at(gfn).write(NONE);
}

/** S6 of the kernel facts. */
export const cmpxchgTristate = defineScheme(v2HookEveryFault, {
  name: 'cmpxchg-tristate',
  title: 'none / busy / ready per index by cmpxchg, with a generation; the hook outside the folio lock (S6)',
  version: 'S6',

  declare: (m, { gfns }): Tristate => ({
    state: m.cells('prepare_state', gfns),
    generation: m.token('prepare_generation', { count: gfns }),
  }),

  *getPfn(g, gfn) {
    return yield* within('kvm_gmem_get_pfn', g.version, function* () {
      const folio = yield* getFolio(g, gfn);
      if (typeof folio === 'number') return folio;
      yield* g.unlockFolio(folio);
      const error = yield* g.scheme.prepareFolio(g, folio, gfn);
      if (error === 0) return folio;
      yield* putFolio(g, folio);
      return error;
    });
  },

  *prepareFolio(g, folio, gfn) {
    const { state, generation } = g.own<Tristate>();
    const again = yield* here();
    yield* generation.at(gfn).take();
    // The state belongs to the index: a folio that has left it must not be prepared under its name.
    if (!(yield* g.pages.at(gfn).equals(folio))) return RET_PF_RETRY;
    if (!(yield* state.at(gfn).cmpxchg(NONE, BUSY))) {
      yield* state.at(gfn).waitUntil((value) => value !== BUSY);
      const ready = state
        .at(gfn)
        .apply<boolean>('% == READY', 'boolean', { result: (value) => Number(value === READY) });
      return (yield* ready) ? 0 : yield* again();
    }
    yield* clearOnce(g, folio);
    const error = yield* g.arch.prepare(g, folio);
    const changed = yield* generation.at(gfn).changed();
    yield* state.at(gfn).cmpxchg(BUSY, error === 0 && !changed ? READY : NONE);
    return error === 0 && changed ? RET_PF_RETRY : error;
  },
  indexTruncated: forget,
  folioMadeShared: forget,
});
