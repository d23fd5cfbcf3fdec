/**
 * Conversion block by block, where folios are split and merged on the way: __kvm_gmem_set_attributes() of V3d, and other orders
 * of its steps (keys: docs/kernel.md). Imported by schemes, variants and mutations.
 */

import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { EHWPOISON, ENOMEM } from '../errno.js';
import type { Gmem } from '../gmem.js';
import type { Access } from '../scenarios/scenario.js';
import type { Folio, Gfn } from '../scheme.js';
import { batchesOf, blockOf, isSameGfn, orderOf } from '../world/folio-ref.js';
import { alreadyEqual, makeShared, preallocationFails, storeAttribute, unmapThenCount } from './convert.js';
import { drainLru, unmapUser } from './filemap.js';
import { folioAt } from './folio-blocks.js';
import { underExclusiveLock } from './get-pfn.js';
import { invalidateEnd } from './mmu.js';
import {
  freezeFolios,
  memoryFails,
  mergeFolios,
  mergeFrozen,
  smallFoliosOf,
  splitFolio,
  splitFrozen,
  unfreeze,
} from './restructure.js';
import { splitMemoryFails } from './sept.js';

/** In which order a conversion of a block takes its steps. */
export interface BatchOrder {
  /** What the invalidation is opened for: the whole block, which is what may be mapped at once, or what was asked for. */
  readonly range: 'block' | 'asked';
  /**
   * How folios are frozen that are split or merged: by spinning until nobody else holds a reference, once the mappings are
   * gone, or by a try before anything is done that cannot be taken back.
   */
  readonly freeze: 'spin' | 'try-first';
  /** Whether the invalidation ends before folios are restructured and the attribute is stored, or behind both. */
  readonly end: 'first' | 'last';
  /** Whether a conversion of a block of which a page has failed is refused (-EHWPOISON), as soon as it looks at its folios. */
  readonly poison?: 'rejected';
}

/** __kvm_gmem_set_attributes(), as a scheme has it: 0 or a negative errno. */
export type SetAttributes = (g: Gmem, gfns: readonly Gfn[], to: Access) => Routine<number>;

const ordersOfRoutines = new WeakMap<SetAttributes, BatchOrder>();

/** The order in which a scheme's conversions go; undefined where they do not go block by block. */
export function batchOrderOf({ setAttributes }: { readonly setAttributes: SetAttributes }): BatchOrder | undefined {
  return ordersOfRoutines.get(setAttributes);
}

/** Conversions block by block, in some order. Blocks before one that fails stay converted. */
export function inBatches(order: BatchOrder): SetAttributes {
  const convertBatch = order.freeze === 'spin' ? convertThenRestructure : prepareThenConvert;
  function* setAttributes(g: Gmem, gfns: readonly Gfn[], to: Access): Routine<number> {
    return yield* underExclusiveLock(g, function* () {
      for (const batch of batchesOf(gfns)) {
        if (yield* alreadyEqual(g, to, batch)) continue;
        const error = yield* convertBatch(g, batch, to, order);
        if (error !== 0) return error;
      }
      return 0;
    });
  }
  ordersOfRoutines.set(setAttributes, order);
  return setAttributes;
}

/** As it was posted: what may fail on the way of the folio comes when the mappings are gone. */
function* convertThenRestructure(g: Gmem, gfns: readonly Gfn[], to: Access, order: BatchOrder): Routine<number> {
  if (yield* preallocationFails(g)) return -ENOMEM;
  if (yield* isRejected(g, gfns, order)) return -EHWPOISON;
  if (to === 'private') {
    const error = yield* g.scheme.makeConvertible(g, gfns);
    if (error !== 0) return error;
  }
  const refused = yield* beginAll(g, gfns, order);
  if (refused !== 0) return refused;
  if (to === 'shared') yield* makeAllShared(g, gfns);
  if (order.end === 'first') yield* endAll(g, gfns, order);
  const error = yield* restructure(g, gfns, to);
  if (error === 0) for (const gfn of gfns) yield* storeAttribute(g, gfn, to);
  if (order.end === 'last') yield* endAll(g, gfns, order);
  return error;
}

/** Everything that can fail first: then nothing is left but steps that succeed. */
function* prepareThenConvert(g: Gmem, gfns: readonly Gfn[], to: Access, order: BatchOrder): Routine<number> {
  if (yield* preallocationFails(g)) return -ENOMEM;
  if (yield* memoryFails(g, 'memory for the split fails')) return -ENOMEM;
  if (to === 'shared' && g.large !== undefined && (yield* splitMemoryFails(g))) return -ENOMEM;
  if (g.large === undefined) {
    // A folio of one page is neither split nor merged: to count its references is enough.
    const error = to === 'private' ? yield* unmapThenCount(g, gfns) : 0;
    if (error !== 0) return error;
    return (yield* isRejected(g, gfns, order)) ? -EHWPOISON : yield* convertPages(g, gfns, to, order);
  }
  if (to === 'private') for (const gfn of gfns) yield* unmapUser(g, gfn);
  yield* drainLru(g, blockOf(gfns[0]));
  const merged = to === 'private' && (yield* othersArePrivate(g, gfns)) ? yield* smallFoliosOf(g, gfns[0]) : undefined;
  const folios = merged ?? (yield* foliosConcerned(g, gfns, to));
  const error = yield* freezeFolios(g, folios, 'try');
  if (error !== 0) return error;
  if (yield* isRejected(g, gfns, order)) {
    for (const folio of folios) yield* unfreeze(g, folio);
    return -EHWPOISON;
  }
  return yield* convertPages(g, gfns, to, order, () =>
    merged === undefined ? splitOrThaw(g, gfns, to, folios) : mergeFrozen(g, gfns[0], merged),
  );
}

/** Whether a folio of the block is flagged, where the order asks for that. */
function* isRejected(g: Gmem, [gfn]: readonly Gfn[], { poison }: BatchOrder): Routine<boolean> {
  if (poison === undefined || !g.parts.poison) return false;
  return yield* atomic('folio_test_hwpoison($i)', function* () {
    for (const page of blockOf(gfn)) {
      const folio = yield* folioAt(g, page);
      if (folio !== null && (yield* g.testHwpoison(folio))) return true;
    }
    return false;
  });
}

/** From begin to end, where nothing fails any more. */
function* convertPages(
  g: Gmem,
  gfns: readonly Gfn[],
  to: Access,
  order: BatchOrder,
  restructured?: () => Routine,
): Routine<number> {
  // The memory for splits is there, so nothing is refused.
  yield* beginAll(g, gfns, order);
  if (to === 'shared') yield* makeAllShared(g, gfns);
  if (restructured !== undefined) yield* restructured();
  for (const gfn of gfns) yield* storeAttribute(g, gfn, to);
  yield* endAll(g, gfns, order);
  return 0;
}

function* makeAllShared(g: Gmem, gfns: readonly Gfn[]): Routine {
  for (const gfn of gfns) yield* makeShared(g, gfn);
  for (const gfn of gfns) yield* g.scheme.folioMadeShared(g, gfn);
}

function* beginAll(g: Gmem, gfns: readonly Gfn[], { range, freeze }: BatchOrder): Routine<number> {
  const isPrepared = freeze === 'try-first' ? { isPrepared: true as const } : {};
  const opening = { roots: [true, false], opened: openedFor(gfns, range), ...isPrepared };
  const error = yield* g.scheme.openAndZap(g, gfns, opening);
  if (error !== 0) return error;
  for (const gfn of gfns) yield* g.scheme.invalidating(g, gfn);
  return 0;
}

function* endAll(g: Gmem, gfns: readonly Gfn[], { range }: BatchOrder): Routine {
  for (const view of g.views) yield* invalidateEnd(view, openedFor(gfns, range));
  for (const gfn of gfns) yield* g.scheme.invalidated(g, gfn);
}

function openedFor(gfns: readonly Gfn[], range: BatchOrder['range']): readonly Gfn[] {
  return range === 'block' ? blockOf(gfns[0]) : gfns;
}

/** To shared the folio is split; to private it is merged, once every page of its block is private. */
export function* restructure(g: Gmem, gfns: readonly Gfn[], to: Access): Routine<number> {
  if (to === 'shared') return yield* splitFolio(g, gfns[0]);
  return (yield* othersArePrivate(g, gfns)) ? yield* mergeFolios(g, gfns[0]) : 0;
}

function* splitOrThaw(g: Gmem, gfns: readonly Gfn[], to: Access, folios: readonly Folio[]): Routine {
  for (const folio of folios) {
    yield* to === 'shared' && orderOf(folio) > 0 ? splitFrozen(g, gfns[0], folio) : unfreeze(g, folio);
  }
}

/**
 * The folios that nobody may hold on to where none are merged: to shared a large one, which is split; to private those that
 * become private. Who uses a page that is not converted is left alone.
 */
function* foliosConcerned(g: Gmem, gfns: readonly Gfn[], to: Access): Routine<readonly Folio[]> {
  const folios: Folio[] = [];
  for (const gfn of gfns) {
    const folio = yield* folioAt(g, gfn);
    if (folio === null) continue;
    if (orderOf(folio) > 0) return [folio];
    if (to === 'private') folios.push(folio);
  }
  return folios;
}

function* othersArePrivate(g: Gmem, gfns: readonly Gfn[]): Routine<boolean> {
  for (const page of blockOf(gfns[0])) {
    if (!gfns.some((gfn) => isSameGfn(gfn, page)) && !(yield* g.isPrivate(page))) return false;
  }
  return true;
}
