/**
 * Scheme: how one kernel version, or a proposal, orders locks, flags and hooks. A small set of routines behind one
 * interface; `defineScheme(base, changes)` makes a new one, so that the difference between two reads like the patch.
 * Imported by schemes, mutations, the model and users' files.
 */

import { InputError } from '../core/errors.js';
import type { Ref } from '../core/ops/ref.js';
import type { Routine } from '../core/ops/routine.js';
import type { ModelBuilder } from '../model/model-builder.js';
import type { Gmem } from './gmem.js';
import type { Access, Scenario } from './scenarios/scenario.js';
import type { Traits } from './traits.js';

/** A folio, as routines see it: an order-0 page frame. */
export type Folio = Ref;
/** A guest frame number; with one memslot at gfn 0 also the index in the file. */
export type Gfn = Ref;

/** The routines in which kernel versions and proposals differ. Numbers are those of the kernel facts, section 3. */
export interface SchemeRoutines {
  /** 3.1 steps 2 and 3: snapshot mmu_invalidate_seq, compare the attribute. Whether it matches the fault. */
  faultinPfn(g: Gmem, gfn: Gfn, isPrivate: boolean): Routine<boolean>;
  /** mmu_invalidate_retry_gfn(): whether an invalidation makes the fault stale. */
  invalidateRetry(g: Gmem, gfn: Gfn): Routine<boolean>;
  /** 3.1 steps 8 to 11: the stale check and the map under mmu_lock. RET_PF_RETRY or RET_PF_FIXED. */
  mapFolio(g: Gmem, gfn: Gfn, folio: Folio, isPrivate: boolean): Routine<number>;
  /** 3.2, kvm_gmem_get_pfn(): the folio for a gfn, ready for the guest; RET_PF_RETRY; or a negative errno. */
  getPfn(g: Gmem, gfn: Gfn, isPrivate: boolean): Routine<Folio | number>;
  /** 3.2: clears the folio if need be and has the architecture prepare it. 0, RET_PF_RETRY or a negative errno. */
  prepareFolio(g: Gmem, folio: Folio, gfn: Gfn): Routine<number>;
  /** Whether the folio is cleared and prepared, where the scheme tracks that. */
  testPrepared(g: Gmem, folio: Folio, gfn: Gfn): Routine<boolean>;
  /** kvm_gmem_mark_prepared(), where the scheme tracks that. */
  markPrepared(g: Gmem, folio: Folio, gfn: Gfn): Routine;
  /** What the scheme does with an index when its invalidation has begun (3.5, after step 2; 3.7 V3b, after step 5). */
  invalidating(g: Gmem, gfn: Gfn): Routine;
  /** And when it has ended, with the invalidate lock still held (3.5, after step 5; 3.7 V3b, after step 8). */
  invalidated(g: Gmem, gfn: Gfn): Routine;
  /** What the scheme forgets once an index was truncated (3.5, after step 4). */
  indexTruncated(g: Gmem, gfn: Gfn): Routine;
  /** What the scheme forgets once an index was made shared, whether it had a folio or not (3.7 V3b, after step 6). */
  folioMadeShared(g: Gmem, gfn: Gfn): Routine;
  /** 3.3: pages populated, or a negative errno. */
  populate(g: Gmem, gfns: readonly Gfn[]): Routine<number>;
  /** 3.4 steps 2 and 3: the folio for a user mapping, locked; or a negative errno. */
  getFolioForUser(g: Gmem, gfn: Gfn): Routine<Folio | number>;
  /** 3.7 V3b steps 3 and 4: unmap from userspace, check the reference counts. 0 or -EAGAIN. */
  makeConvertible(g: Gmem, gfns: readonly Gfn[]): Routine<number>;
  /** 3.7: store the attributes (V3b step 7, VM attributes step 4) and end the invalidation (8, 5). */
  storeAndEnd(g: Gmem, gfns: readonly Gfn[], to: Access): Routine;
  /** kvm_mmu_invalidate_end(), with mmu_lock held for write. */
  invalidateEnd(g: Gmem): Routine;
}

/** The names of the routines. */
export const routineNames = Object.keys({
  faultinPfn: true,
  invalidateRetry: true,
  mapFolio: true,
  getPfn: true,
  prepareFolio: true,
  testPrepared: true,
  markPrepared: true,
  invalidating: true,
  invalidated: true,
  indexTruncated: true,
  folioMadeShared: true,
  populate: true,
  getFolioForUser: true,
  makeConvertible: true,
  storeAndEnd: true,
  invalidateEnd: true,
} satisfies Record<keyof SchemeRoutines, true>) as readonly (keyof SchemeRoutines)[];

/** A scheme: its routines and what there is to say about it. */
export interface Scheme extends SchemeRoutines {
  readonly name: string;
  /** One line. */
  readonly title: string;
  /** Label of the kernel version whose steps it takes: V1, V2, V3b, or S4 and so on for proposals. */
  readonly version: string;
  /** Whether getPfn returns with a page reference that the fault has to drop (not in V3b). */
  readonly returnsReference: boolean;
  /**
   * What it declares of its traits. `traitsOf` runs the routines and says what they do; a scheme whose routines do
   * otherwise than it declares is refused.
   */
  readonly traits?: Partial<Traits>;
  /** Declares cells of the scheme's own; routines reach them with `g.own<T>()`. */
  declare?(m: ModelBuilder, scenario: Scenario): unknown;
}

/**
 * A scheme made of another one and what is changed. What the base declares of its traits holds for the new scheme only if
 * no routine is changed. Throws InputError for a routine that does not exist.
 */
export function defineScheme(base: Scheme, changes: Partial<Scheme> & { readonly name: string }): Scheme {
  if (!isScheme(base)) throw new InputError('faultline: defineScheme(base, changes) needs a scheme as its base.');
  const allowed = new Set([...Object.keys(base), 'declare', 'traits']);
  for (const key of Object.keys(changes)) {
    if (!allowed.has(key)) {
      throw new InputError(
        `faultline: scheme "${changes.name}" changes "${key}", which no scheme has; ` +
          `it may change ${[...allowed].sort().join(', ')}.`,
      );
    }
  }
  const { traits, ...rest } = base;
  const isSame = !Object.values(changes).some((change) => typeof change === 'function');
  return { ...rest, ...(isSame && traits !== undefined ? { traits } : {}), ...changes };
}

/** Whether a value is a scheme, possibly from another copy of the package. */
export function isScheme(value: unknown): value is Scheme {
  const candidate = value as Scheme | undefined;
  return typeof candidate === 'object' && candidate !== null && typeof candidate.getPfn === 'function';
}
