/**
 * What a live lock throws when an actor breaks its rules, where a plain lock would hang or corrupt itself.
 *
 * Thrown by both implementations of `RwLocks`; the live executor makes a `lock-misuse` finding of it.
 */

import type { LockMode, LockUser } from './rw-lock.js';

/** The rule that was broken, and the words for it. */
const WORDS = {
  recursive: 'but holds it already',
  upgrade: 'but holds it for read already',
  'not-held': 'but does not hold it',
  'wrong-mode': 'but holds it in the other mode',
} as const;

/** The rule that was broken. `upgrade`: held for read, asked for write; `wrong-mode`: released in the other mode. */
export type LockRule = keyof typeof WORDS;

/** Everything known about a lock at the moment of its misuse. */
export interface MisusedLock {
  readonly rule: LockRule;
  readonly lock: number;
  /** Who broke the rule. */
  readonly actor: number;
  /** What it asked for, or in which mode it tried to release. */
  readonly mode: LockMode;
  /** As `RwLocks.holders`. */
  readonly holders: readonly LockUser[];
  /** As `RwLocks.queue`. */
  readonly queue: readonly LockUser[];
}

/** An actor breaks a rule of a lock. The lock is as it was before. */
export class LockMisuse extends Error implements MisusedLock {
  override readonly name = 'LockMisuse';
  readonly rule: LockRule;
  readonly lock: number;
  readonly actor: number;
  readonly mode: LockMode;
  readonly holders: readonly LockUser[];
  readonly queue: readonly LockUser[];

  constructor(what: MisusedLock) {
    const { rule, lock, actor, mode, holders, queue } = what;
    const verb = rule === 'recursive' || rule === 'upgrade' ? 'asks for' : 'releases';
    const users = `held by ${listOf(holders)}; waited for by ${listOf(queue)}`;
    super(`actor ${actor} ${verb} lock ${lock} for ${mode}, ${WORDS[rule]} (${users})`);
    this.rule = rule;
    this.lock = lock;
    this.actor = actor;
    this.mode = mode;
    this.holders = holders;
    this.queue = queue;
  }
}

function listOf(users: readonly LockUser[]): string {
  return users.length === 0 ? 'nobody' : users.map(({ actor, mode }) => `actor ${actor} for ${mode}`).join(', ');
}
