/**
 * User contexts: who uses the memory of a file, as guest_memfd knows them, which is not at all by what they are (E2 in
 * docs/kernel.md). KVM, the IOMMU and the VMM implement this; guest_memfd calls it and nothing of theirs besides. Imported by both.
 */

import type { Routine } from '../../core/ops/routine.js';
import type { Access } from '../scenarios/scenario.js';
import type { Folio, Gfn } from '../scheme.js';

/** Why a range is invalidated. */
export type Why = 'punch' | 'to-private' | 'to-shared';

/** A range whose users are told that it changes. */
export interface Invalidation {
  readonly gfns: readonly Gfn[];
  readonly why: Why;
}

/** One user of the memory of an inode, as it is registered there. */
export interface UserContext {
  /** As which memory it may ask for pages: private memory is of no use to a process. */
  readonly mayAccess: readonly Access[];
  /** Phase 1: whatever may fail. Nothing that the guest could see; 0 or a negative errno. */
  prepare(range: Invalidation): Routine<number>;
  /** What takes phase 1 back where another user's has failed. */
  abandon(range: Invalidation): Routine;
  /** Phase 2: begin, unmap, flush. When it returns nobody reaches the memory through an old mapping. */
  begin(range: Invalidation): Routine;
  /** Part of phase 3: what the user's architecture does to the page that is there, which guest_memfd does not know. */
  takeBack(range: Invalidation, gfn: Gfn): Routine;
  /** Phase 4. */
  end(range: Invalidation): Routine;
  /** What the user's architecture does to a page before this user gets it. 0 or a negative errno. */
  makeReady(folio: Folio, as: Access): Routine<number>;
}
