/**
 * The routines of mutants: each runs the routine of the scheme that it is given and changes what its mutation names.
 * Imported by mutations.
 */

import { Op } from '../../core/ops/op.js';
import type { Index } from '../../core/ops/ref.js';
import type { Routine } from '../../core/ops/routine.js';
import { Token } from '../../primitives/token.js';
import { type Arch, defineArch } from '../arch/arch.js';
import { unmapUser } from '../calls/filemap.js';
import type { Gmem } from '../gmem.js';
import type { Access } from '../scenarios/scenario.js';
import { type Folio, type Gfn, routineNames, type Scheme } from '../scheme.js';
import { blockOf, gfnsOf, isSameGfn, pageOf, placeInBlock } from '../world/folio-ref.js';
import { ANY, answering, isOnAny, puttingOff, rewritten, sameKind } from './rewrite.js';

/** mapFolio with mmu_lock taken once the check is over. */
export function* checkThenLock(base: Scheme, g: Gmem, gfn: Gfn, folio: Folio, isPrivate: boolean): Routine<number> {
  const cells = [g.invalidateInProgress, g.rangeStart, g.rangeEnd, g.invalidateSeq.latch];
  let checked = false;
  return yield* puttingOff(base.mapFolio(g, gfn, folio, isPrivate), {
    early: ({ spec }) => !checked && spec.region === g.mmuLock.latch.region && spec.lock?.action === 'acquire',
    until: (op) => {
      checked ||= isOnAny(op, cells);
      return checked;
    },
    unless: (op) => isOnAny(op, cells),
  });
}

/** storeAndEnd with the stores put off until the end is over, which holds mmu_lock. */
export function endThenStore(base: Scheme, g: Gmem, gfns: readonly Gfn[], to: Access): Routine {
  return puttingOff(base.storeAndEnd(g, gfns, to), {
    early: ({ spec }) => spec.region === g.attributes.region && spec.writes,
    until: ({ spec }) => spec.region === g.invalidateInProgress.region && spec.writes,
    unless: (op) => isOnAny(op, [g.invalidateInProgress, g.invalidateSeq.latch, g.mmuLock.latch]),
  });
}

/**
 * makeConvertible in a world that has no user PTEs, which come off only when it has succeeded; from the references that
 * it counts, the one of the PTE is taken off.
 */
export function* countThenUnmap(base: Scheme, g: Gmem, gfns: readonly Gfn[]): Routine<number> {
  let place: Index = 0;
  const error = yield* rewritten(base.makeConvertible(g, gfns), (op) => {
    const { region, index, result, writes } = op.spec;
    if (region === g.userPtes.region && result === 'ref') return answering(null);
    if (region === g.pages.region && index !== undefined) place = index;
    return region === g.refcounts.region && !writes ? countLess(op, g.userPtes.at(place).equals(null)) : undefined;
  });
  if (error === 0) for (const gfn of gfns) yield* unmapUser(g, gfn);
  return error;
}

/** makeConvertible that finds every LRU batch empty when it drains them. */
export function countUndrained(base: Scheme, g: Gmem, gfns: readonly Gfn[]): Routine<number> {
  return rewritten(base.makeConvertible(g, gfns), (op) =>
    g.lruBatches !== undefined && isOnAny(op, [g.lruBatches]) && op.spec.result === 'ref' ? answering(null) : undefined,
  );
}

/** An op that looks at a count, given one less of it unless `isUnmapped`. */
function* countLess(op: Op<unknown>, isUnmapped: Op<boolean>): Routine<unknown> {
  if (yield* isUnmapped) return yield* op;
  const { label, word } = op.spec;
  const result = (count: number) => word?.result?.(count - 1) ?? count - 1;
  return yield* new Op<unknown>({ ...op.spec, label: label.replace('%', '% - 1'), word: { ...word, result } });
}

/** populate with the faults on its source put off until it holds the invalidate lock. */
export function pinUnderLock(base: Scheme, g: Gmem, gfns: readonly Gfn[]): Routine<number> {
  return puttingOff(base.populate(g, gfns), {
    early: ({ spec }) => spec.region === g.mmapLock.latch.region,
    // down_write() answers false when it has to queue, and acquires with an op of its own.
    until: ({ spec }, taken) =>
      spec.region === g.invalidateLock.latch.region && spec.lock?.action !== 'release' && taken !== false,
  });
}

/** getPfn that gives the folio lock up before the hook, and not where it would have done so. */
export function* unlockThenHook(base: Scheme, g: Gmem, gfn: Gfn, isPrivate: boolean): Routine<Folio | number> {
  let unlocked: Folio | undefined;
  const arch = hookedBy(g.arch, function* (hook, folio) {
    yield* g.unlockFolio(folio);
    unlocked = folio;
    return yield* hook();
  });
  return yield* rewritten(base.getPfn(g.with({ arch }), gfn, isPrivate), (op) => {
    if (op.spec.index !== unlocked || !sameKind(op, g.folioLocks.at(ANY).unlock())) return undefined;
    unlocked = undefined;
    return answering(undefined);
  });
}

/** getPfn that calls the hook when it is about to clear; a hook that fails leaves the folio uncleared. */
export function* hookThenClear(base: Scheme, g: Gmem, gfn: Gfn, isPrivate: boolean): Routine<Folio | number> {
  let error: number | undefined;
  const arch = hookedBy(g.arch, function* (hook) {
    return error ?? (yield* hook());
  });
  function* first(clear: Op<unknown>): Routine {
    error ??= yield* g.arch.prepare(g, clear.spec.index as Folio);
    if (error === 0) yield* clear;
  }
  return yield* rewritten(base.getPfn(g.with({ arch }), gfn, isPrivate), (op) => {
    if (sameKind(op, g.clearHighpage(ANY))) return first(op);
    const isUnclear = error !== undefined && error !== 0;
    return isUnclear && sameKind(op, g.markUptodate(ANY)) ? answering(undefined) : undefined;
  });
}

/** truncatePartial that stores zeroes over those pages of the folio that lie in the range, under its lock. */
export function* zeroThenLeave(base: Scheme, g: Gmem, gfns: readonly Gfn[], gfn: Gfn, folio: Folio): Routine {
  yield* g.lockFolio(folio);
  for (const page of blockOf(gfn)) {
    if (gfns.some((each) => isSameGfn(each, page)))
      yield* g.clearHighpage(pageOf(folio, page)).named('folio_zero_range($i)');
  }
  yield* g.unlockFolio(folio);
  yield* base.truncatePartial(g, gfns, gfn, folio);
}

/** The hooks of an architecture with another way to prepare, which may call the one that there is. */
export function hookedBy(arch: Arch, prepare: (hook: () => Routine<number>, folio: Folio) => Routine<number>): Arch {
  return defineArch(arch, { prepare: (g, folio, page) => prepare(() => arch.prepare(g, folio, page), folio) });
}

/**
 * `markPrepared` at a moment of one's own: from then on the scheme's own call of it does nothing. Of a scheme that has a bit
 * for each page, each page of the folio is marked, and from then on only its own mark does nothing.
 */
export function markingOnce(g: Gmem, { traits, inherited }: Scheme) {
  const { preparedBit = 'none' } = { ...inherited?.traits, ...traits };
  const isEachPage = preparedBit !== 'none';
  const marked = new Set<number>();
  const keyOf = (gfn: Gfn) => (isEachPage ? placeInBlock(gfn) : 0);
  const scheme: Scheme = {
    ...g.scheme,
    *markPrepared(view, folio, gfn) {
      if (!marked.has(keyOf(gfn))) yield* g.scheme.markPrepared(view, folio, gfn);
    },
  };
  function* now(folio: Folio, gfn: Gfn): Routine {
    for (const each of isEachPage ? gfnsOf(folio, gfn) : [gfn]) {
      if (marked.has(keyOf(each))) continue;
      yield* g.scheme.markPrepared(g, isEachPage ? pageOf(folio, each) : folio, each);
      marked.add(keyOf(each));
    }
  }
  /** Of one page, whatever folio it is of. */
  const pageNow = (page: Folio, gfn: Gfn) => now(page, isEachPage ? (blockOf(gfn)[placeInBlock(page)] ?? gfn) : gfn);
  return { scheme, now, pageNow };
}

export function* runBefore(op: Op<unknown>, first: Routine): Routine<unknown> {
  yield* first;
  return yield* op;
}

export function* negated(op: Op<unknown>): Routine<boolean> {
  return !(yield* op);
}

/** The tokens that the scheme declared, those of the gfn where there is one each. */
export function tokensOf(g: Gmem, gfn: Gfn): readonly Token[] {
  const tokens = Object.values(g.own<object | undefined>() ?? {}).filter((each) => each instanceof Token);
  return tokens.map((token) => (token.latch.region.count > 1 || g.gfns.count === 1 ? token.at(gfn) : token));
}

/** All routines of a scheme, each run as `change` has it. */
export function everyRoutine(base: Scheme, change: (routine: Routine<unknown>) => Routine<unknown>): Partial<Scheme> {
  type Any = (...args: unknown[]) => Routine<unknown>;
  const changed = routineNames.map((name) => [name, (...args: unknown[]) => change((base[name] as Any)(...args))]);
  return Object.fromEntries(changed) as Partial<Scheme>;
}

/** A routine that never splits the host's direct mapping, where there is one that is. */
export function leavingDirectMap<T>(g: Gmem, routine: Routine<T>): Routine<T> {
  const region = g.large?.directMapSplit?.region;
  if (region === undefined) return routine;
  return rewritten(routine, ({ spec }) => (spec.region === region && spec.writes ? answering(undefined) : undefined));
}
