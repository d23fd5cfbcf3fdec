/**
 * guest_memfd as a provider of memory (E2 in docs/kernel.md): it hands pages out by type of access, and tells its users of
 * what changes in four phases. It maps nothing for anybody, and knows no architecture: a test holds what this file imports. Its users
 * are in the files beside it. Used by the variants that have them (user-routines.ts).
 */

import type { Routine } from '../../core/ops/routine.js';
import { putFolio } from '../calls/filemap.js';
import { getClearedFolio, underSharedLock } from '../calls/get-pfn.js';
import { EACCES } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Access } from '../scenarios/scenario.js';
import type { Folio, Gfn } from '../scheme.js';
import type { Invalidation, UserContext } from './user-context.js';

/** In which order users are told of an invalidation. */
export interface PhaseOrder {
  /** Whether all users prepare before any of them unmaps, or each unmaps as soon as it has prepared. */
  readonly prepare: 'all-first' | 'each';
  /** Whether the type of an access is compared with the attribute. */
  readonly type: 'compared' | 'trusted';
}

/**
 * The page at an index for one of the users, which says as what: cleared, ready, and valid until the user is told of an
 * invalidation. -EACCES where the memory is of the other type, or the user may not have it; or another negative errno.
 */
export function* getPage(
  g: Gmem,
  user: UserContext,
  request: { readonly gfn: Gfn; readonly as: Access },
  { type }: PhaseOrder,
): Routine<Folio | number> {
  const { gfn, as } = request;
  if (!user.mayAccess.includes(as)) return -EACCES;
  return yield* underSharedLock(g, function* () {
    if (type === 'compared' && (yield* g.isPrivate(gfn)) !== (as === 'private')) return -EACCES;
    const folio = yield* getClearedFolio(g, gfn);
    if (typeof folio === 'number') return folio;
    const error = yield* user.makeReady(folio, as);
    yield* g.unlockFolio(folio);
    yield* putFolio(g, folio);
    return error === 0 ? folio : error;
  });
}

/**
 * Tells all users of a range that it changes, and changes it by `act`, with the invalidate lock held exclusively: nobody joins or
 * leaves in between. 0, or a negative errno with nothing changed and nobody in the middle of it.
 */
export function* invalidateUsers(
  g: Gmem,
  users: readonly UserContext[],
  range: Invalidation,
  { prepare }: PhaseOrder,
  act: () => Routine,
): Routine<number> {
  const error = yield* inFunction('kvm_gmem_invalidate_users', g.version, () =>
    prepare === 'each' ? prepareAndBeginEach(users, range) : prepareAllThenBegin(users, range),
  );
  if (error !== 0) return error;
  for (const user of users) for (const gfn of range.gfns) yield* user.takeBack(range, gfn);
  yield* act();
  for (const user of users) yield* user.end(range);
  return 0;
}

/** Phases 1 and 2 as E2 has them: nothing that fails comes behind anything that shows. */
function* prepareAllThenBegin(users: readonly UserContext[], range: Invalidation): Routine<number> {
  for (const [at, user] of users.entries()) {
    const error = yield* user.prepare(range);
    if (error === 0) continue;
    for (const before of users.slice(0, at)) yield* before.abandon(range);
    return error;
  }
  for (const user of users) yield* user.begin(range);
  return 0;
}

/** Without a phase of its own: a user has lost its mappings when the next one fails. */
function* prepareAndBeginEach(users: readonly UserContext[], range: Invalidation): Routine<number> {
  for (const [at, user] of users.entries()) {
    const error = yield* user.prepare(range);
    if (error !== 0) {
      for (const before of users.slice(0, at)) yield* before.end(range);
      return error;
    }
    yield* user.begin(range);
  }
  return 0;
}
