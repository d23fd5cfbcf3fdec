/**
 * The shared locks against those of async-mutex, which are the reference: the same commands, in the same order, have the
 * same answers, leave the same holders and queues, and never let anybody share with a writer.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LockMisuse } from '../../src/live/lock-misuse.js';
import type { LockMode, RwLocks } from '../../src/live/rw-lock.js';
import { lockWorlds, usersText } from './lock-worlds.js';

const LOCKS = 2;
const ACTORS = 5;

interface Command {
  /** `leave`: some holder of the lock gives it up. `retreat`: somebody in its queue cancels. */
  readonly verb: 'acquire' | 'tryAcquire' | 'release' | 'granted' | 'cancel' | 'leave' | 'retreat';
  readonly lock: number;
  readonly actor: number;
  readonly mode: LockMode;
}

/** Mostly what makes sense, so that queues fill and are served; `release` and `cancel` are mostly misuse. */
const command: fc.Arbitrary<Command> = fc.record({
  verb: fc.oneof(
    { weight: 8, arbitrary: fc.constant('acquire' as const) },
    { weight: 5, arbitrary: fc.constant('leave' as const) },
    { weight: 4, arbitrary: fc.constantFrom('tryAcquire', 'release', 'granted', 'cancel', 'retreat') },
  ),
  lock: fc.nat(LOCKS - 1),
  actor: fc.nat(ACTORS - 1),
  mode: fc.constantFrom<LockMode>('read', 'write'),
});

function answerOf(locks: RwLocks, { verb, lock, actor, mode }: Command): string {
  try {
    if (verb === 'leave') {
      const holders = locks.holders(lock);
      const leaving = holders[actor % holders.length];
      if (leaving === undefined) return 'nobody';
      const noticed = locks.granted(leaving.actor);
      locks.release(lock, leaving.actor, leaving.mode);
      return noticed ? 'after a wait' : 'at once';
    }
    if (verb === 'retreat') {
      const queue = locks.queue(lock);
      return queue.length === 0 ? 'nobody' : String(locks.cancel(queue[actor % queue.length].actor));
    }
    if (verb === 'granted' || verb === 'cancel') return String(locks[verb](actor));
    return String(locks[verb](lock, actor, mode));
  } catch (error) {
    if (error instanceof LockMisuse) return error.message;
    // What else is thrown is for a caller's defect: cancel without waiting, or a second wish of one that waits.
    if (error instanceof Error && /, but waits for (no lock|lock \d)$/.test(error.message)) return error.message;
    throw error;
  }
}

function stateOf(locks: RwLocks): string[] {
  return Array.from({ length: LOCKS }, (_, lock) => {
    return `lock ${lock}: ${usersText(locks.holders(lock))} | ${usersText(locks.queue(lock))}`;
  });
}

function expectExclusion(locks: RwLocks): void {
  for (let lock = 0; lock < LOCKS; lock++) {
    const holders = locks.holders(lock);
    const writers = holders.filter(({ mode }) => mode === 'write').length;
    expect(writers === 0 || holders.length === 1, usersText(holders)).toBe(true);
    // Nobody waits for a lock that could be had.
    const first = locks.queue(lock)[0];
    if (first !== undefined) {
      expect(first.mode === 'write' ? holders.length > 0 : writers > 0, stateOf(locks)[lock]).toBe(true);
    }
  }
}

it('answers, holders and queues are the same in both implementations', () => {
  const seen = new Map<string, number>();
  const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
  fc.assert(
    fc.property(fc.array(command, { minLength: 20, maxLength: 80 }), (commands) => {
      const [shared, local] = lockWorlds.map(({ make }) => make(LOCKS, ACTORS).locks);
      for (const each of commands) {
        const answer = answerOf(shared, each);
        expect(answerOf(local, each), JSON.stringify(each)).toBe(answer);
        expect(stateOf(local)).toEqual(stateOf(shared));
        expectExclusion(shared);
        count(`${each.verb} ${answer.length < 20 ? answer : 'throws'}`);
        if (shared.queue(0).length > 2) count('a long queue');
        if (shared.holders(0).length > 2) count('many readers');
      }
    }),
    { numRuns: 500 },
  );
  // That the commands were worth it: what can happen happened, and not just by luck.
  for (const happened of [
    ...['acquire true', 'acquire false', 'acquire throws', 'tryAcquire true', 'tryAcquire false', 'granted true'],
    ...['cancel true', 'cancel false', 'retreat true', 'release throws', 'leave at once', 'leave after a wait'],
    ...['a long queue', 'many readers'],
  ]) {
    expect(seen.get(happened) ?? 0, happened).toBeGreaterThan(10);
  }
});
