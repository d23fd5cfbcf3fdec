/**
 * Conversion by a work list: __kvm_gmem_set_attributes() of the RFC of May 2025 (V3c in docs/kernel.md), which first writes down
 * what there is to convert, an item a block, then opens one invalidation for all items, rounded out to blocks, and converts
 * them one by one; where one fails, what was done is done backwards. Imported by variants and mutations.
 *
 * Left out: error_index, which may be returned without a value, and that the way back takes the item that failed for one
 * that was restructured, which makes no difference here: a folio that was not split is not merged.
 */

import { compute } from '../../core/ops/choice.js';
import { here, type Routine } from '../../core/ops/routine.js';
import { PRIVATE } from '../cell-values.js';
import { ENOMEM } from '../errno.js';
import type { Gmem } from '../gmem.js';
import type { Access } from '../scenarios/scenario.js';
import type { Gfn } from '../scheme.js';
import { batchesOf, blockOf } from '../world/folio-ref.js';
import { gfnNumberOf } from '../world/shown.js';
import { alreadyEqual, makeShared, storeAttribute } from './convert.js';
import { restructure, type SetAttributes } from './convert-blocks.js';
import { underExclusiveLock } from './get-pfn.js';
import { invalidateEnd } from './mmu.js';
import { memoryFails } from './restructure.js';

/** How a work list is made, and gone through backwards. */
export interface WorkListWays {
  /** What becomes of -ENOMEM when there is no memory for an item: its caller gets it, or an inner variable of the same name. */
  readonly noMemory: 'returned' | 'shadowed';
  /** Whether the index that counts down to the first one may go below zero, or wraps round. */
  readonly index: 'signed' | 'unsigned';
}

const waysOfRoutines = new WeakMap<SetAttributes, WorkListWays>();

/** The ways of a scheme's work lists; undefined where its conversions have none. */
export function workListOf({ setAttributes }: { readonly setAttributes: SetAttributes }): WorkListWays | undefined {
  return waysOfRoutines.get(setAttributes);
}

type Item = readonly Gfn[];

/** Conversions by a work list. */
export function byWorkList(ways: WorkListWays): SetAttributes {
  function* setAttributes(g: Gmem, gfns: readonly Gfn[], to: Access): Routine<number> {
    return yield* underExclusiveLock(g, function* () {
      const items = yield* computeWork(g, gfns, to, ways);
      if (typeof items === 'number') return items;
      const error = items.length === 0 ? 0 : yield* convertItems(g, items, to, ways);
      if (error === 0) for (const gfn of gfns) yield* isAsAsked(g, gfn, to);
      return error;
    });
  }
  waysOfRoutines.set(setAttributes, ways);
  return setAttributes;
}

/** compute_work(): an item for each block that has not the attribute yet. */
function* computeWork(
  g: Gmem,
  gfns: readonly Gfn[],
  to: Access,
  { noMemory }: WorkListWays,
): Routine<readonly Item[] | number> {
  const items: Item[] = [];
  for (const item of batchesOf(gfns)) {
    if (yield* alreadyEqual(g, to, item)) continue;
    if (yield* memoryFails(g, 'kzalloc() of a work item fails')) return noMemory === 'returned' ? -ENOMEM : items;
    items.push(item);
  }
  return items;
}

function* convertItems(g: Gmem, items: readonly Item[], to: Access, ways: WorkListWays): Routine<number> {
  const gfns = items.flat();
  const blocks = items.flatMap(([gfn]) => blockOf(gfn));
  const refused = yield* g.scheme.openAndZap(g, gfns, { roots: [to === 'shared'], opened: blocks });
  if (refused !== 0) return refused;
  for (const gfn of gfns) yield* g.scheme.invalidating(g, gfn);
  const error = yield* eachItem(g, items, to, ways);
  for (const view of g.views) yield* invalidateEnd(view);
  for (const gfn of gfns) yield* g.scheme.invalidated(g, gfn);
  return error;
}

function* eachItem(g: Gmem, items: readonly Item[], to: Access, ways: WorkListWays): Routine<number> {
  for (const item of items) {
    const error = to === 'private' ? yield* g.scheme.makeConvertible(g, item) : 0;
    if (error !== 0) return error;
  }
  for (const [at, item] of items.entries()) {
    if (to === 'shared') for (const gfn of item) yield* makeShared(g, gfn);
    for (const gfn of item) yield* storeAttribute(g, gfn, to);
    const error = yield* restructure(g, item, to);
    if (error === 0) continue;
    yield* backwards(g, items.slice(0, at + 1), to === 'shared' ? 'private' : 'shared', ways);
    return error;
  }
  return 0;
}

/** What was done is done backwards, down to the first index; an unsigned one is never below the first one if that is 0. */
function* backwards(g: Gmem, items: readonly Item[], to: Access, { index }: WorkListWays): Routine {
  for (const item of [...items].reverse()) {
    for (const gfn of item) yield* storeAttribute(g, gfn, to);
    yield* restructure(g, item, to);
  }
  if (index === 'signed') return;
  const again = yield* here();
  const [first] = blockOf(items[0][0]);
  const number = gfnNumberOf(first);
  const isZero = ([ref]: number[]) => number(ref) === 0;
  if (yield* compute('index-- >= start', [first], isZero, { result: 'boolean' })) yield* again();
}

/** What the answer 0 says. */
function isAsAsked(g: Gmem, gfn: Gfn, to: Access) {
  const words = 'the conversion answers 0, and a page has not the attribute that was asked for';
  return g.attributes.at(gfn).apply<void>(`% == ${to}`, 'none', {
    violation: (value) => (value === (to === 'private' ? PRIVATE : 0) ? undefined : { kind: 'assertion', words }),
  });
}
