/**
 * Locks as text. Used by the columns and the deadlock report.
 */

import type { HeldLock } from '../core/story/held-locks.js';

/** Locks with their modes: `invalidate_lock (write), folio_lock[1]`; `none`. */
export function locksText(locks: readonly Pick<HeldLock, 'name' | 'mode'>[]): string {
  return locks.map(({ name, mode }) => (mode === undefined ? name : `${name} (${mode})`)).join(', ') || 'none';
}
