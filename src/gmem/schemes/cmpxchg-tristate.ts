/**
 * Each index is none, busy or ready, moved by compare-exchange, with a generation that truncation and conversion
 * advance (S6 in docs/kernel.md). The hook runs outside the folio lock; whoever finds the index busy waits.
 *
 * Three things make it work. Truncation and conversion make the index busy too, so no hook runs between their begin and
 * their end. A fault looks at the generation before it reads the attribute and looks up the folio, and again
 * once the index is busy: what it learned is then still so. And a hook that failed goes back to none. The clear stays
 * under the folio lock, where a user fault clears as well; that fault itself is mainline's.
 *
 * A hook may give all pages of a large folio to the guest at once, so a fault makes every index of its folio busy that its slot
 * shows, in their order, and looks at the generation of each.
 */

import type { CellArray } from '../../core/ops/cell.js';
import { here, type Routine } from '../../core/ops/routine.js';
import type { Token } from '../../primitives/token.js';
import { putFolio } from '../calls/filemap.js';
import { getHealthyFolio } from '../calls/get-pfn.js';
import { snapshotThenAttribute } from '../calls/page-fault.js';
import { loadVmsaUnchecked } from '../calls/vmsa.js';
import { RET_PF_RETRY } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { defineScheme, type Gfn } from '../scheme.js';
import { blockOf, gfnsOf, pageOf } from '../world/folio-ref.js';
import { PageArrays } from '../world/parted.js';
import { fillsBlock, shownWith } from '../world/shown.js';
import { v2HookEveryFault } from './v2-hook-every-fault.js';

const NONE = 0;
const BUSY = 1;
const READY = 2;

/** What the scheme declares. */
export interface Tristate {
  readonly state: CellArray;
  readonly generation: Token;
}

/** S6 in docs/kernel.md. */
export const cmpxchgTristate = defineScheme(v2HookEveryFault, {
  name: 'cmpxchg-tristate',
  title: 'none / busy / ready per index by cmpxchg, with a generation; the hook outside the folio lock',
  version: 'S6',
  traits: {
    ...v2HookEveryFault.traits,
    hook: 'unprepared',
    hookLock: 'none',
    busyIndex: 'awaited',
    generation: 'before-lookup',
  },

  declare(m, { gfns, maxOrder = 0 }): Tristate {
    const arrays = new PageArrays(m, maxOrder);
    return {
      state: arrays.cells('prepare_state', gfns),
      generation: arrays.token('prepare_generation', gfns),
    };
  },

  *faultinPfn(g, gfn, isPrivate) {
    yield* takeGenerations(g, gfn);
    return yield* snapshotThenAttribute(g, gfn, isPrivate);
  },

  *loadVmsa(g, gfn) {
    yield* takeGenerations(g, gfn);
    return yield* loadVmsaUnchecked(g, gfn);
  },

  *getPfn(g, gfn) {
    const folio = yield* getHealthyFolio(g, gfn);
    if (typeof folio === 'number') return folio;
    yield* g.scheme.clearFolio(g, folio, gfn);
    const zapped = yield* g.scheme.zapDirectMap(g, folio);
    yield* g.unlockFolio(folio);
    const error = zapped === 0 ? yield* g.scheme.prepareFolio(g, folio, gfn) : zapped;
    if (error === 0) return folio;
    yield* putFolio(g, folio);
    return error;
  },

  *prepareFolio(g, folio, gfn) {
    const { state } = g.own<Tristate>();
    const asked = shownWith(gfn, gfnsOf(folio, gfn));
    const claimed: Gfn[] = [];
    for (const each of asked) if (yield* claimUnlessReady(g, each)) claimed.push(each);
    let error = (yield* haveChanged(g, asked)) ? RET_PF_RETRY : 0;
    for (const each of claimed) {
      const page = pageOf(folio, each);
      if (error === 0) error = yield* g.arch.prepare(g, fillsBlock(gfn) ? folio : page, page);
    }
    for (const each of claimed) {
      const next = state.at(each).write(error === 0 ? READY : NONE);
      yield* next.named(error === 0 ? '% = READY' : '% = NONE');
    }
    return error;
  },

  *invalidating(g, gfn) {
    const { state } = g.own<Tristate>();
    const claim = state.at(gfn).waitUntil(
      (value) => value !== BUSY,
      () => BUSY,
    );
    yield* claim.named('wait until % != BUSY, then BUSY');
  },
  *invalidated(g, gfn) {
    const { state, generation } = g.own<Tristate>();
    yield* generation.at(gfn).bump();
    yield* state.at(gfn).write(NONE).named('% = NONE');
  },
});

/** Of every page that the folio may have, which nobody knows yet. */
function* takeGenerations(g: Gmem, gfn: Gfn): Routine {
  for (const each of blockOf(gfn)) yield* g.own<Tristate>().generation.at(each).take();
}

/** Makes an index busy, unless it is ready: whether it did. Who makes several busy takes them in their order. */
function* claimUnlessReady(g: Gmem, gfn: Gfn): Routine<boolean> {
  const { state } = g.own<Tristate>();
  const again = yield* here();
  if (yield* state.at(gfn).cmpxchg(NONE, BUSY).named('cmpxchg(%, NONE, BUSY)')) return true;
  const notBusy = (value: number) => value !== BUSY;
  yield* state.at(gfn).waitUntil(notBusy).named('wait until % != BUSY');
  const isReady = (value: number) => Number(value === READY);
  const ready = state.at(gfn).apply<boolean>('% == READY', 'boolean', { result: isReady });
  return (yield* ready) ? false : yield* again();
}

function* haveChanged(g: Gmem, gfns: readonly Gfn[]): Routine<boolean> {
  for (const gfn of gfns) if (yield* g.own<Tristate>().generation.at(gfn).changed()) return true;
  return false;
}
