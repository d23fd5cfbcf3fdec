/** The behaviour of the read/write locks on one thread: one suite, both implementations. */
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../../src/core/errors.js';
import { Command, HELD_SLOTS } from '../../src/live/lock-layout.js';
import { LockMisuse } from '../../src/live/lock-misuse.js';
import type { LockMode, RwLocks } from '../../src/live/rw-lock.js';
import { lockWorlds, take, usersText } from './lock-worlds.js';

const L = 0;

function misuseOf(action: () => unknown): LockMisuse {
  try {
    action();
  } catch (error) {
    if (error instanceof LockMisuse) return error;
    throw error;
  }
  throw new Error('no LockMisuse was thrown');
}

describe.each(lockWorlds)('$name', ({ make }) => {
  const locksFor = (actors: number, count = 1): RwLocks => make(count, actors).locks;
  const holders = (locks: RwLocks, lock = L) => usersText(locks.holders(lock));
  const queue = (locks: RwLocks, lock = L) => usersText(locks.queue(lock));

  describe('exclusion', () => {
    it.each<LockMode>(['read', 'write'])('a free lock is taken at once for %s', (mode) => {
      const locks = locksFor(2);
      expect(locks.acquire(L, 1, mode)).toBe(true);
      expect(holders(locks)).toBe(`1${mode[0]}`);
      expect(locks.granted(1)).toBe(false);
    });

    it.each<LockMode>(['read', 'write'])('a writer makes a later %s wait', (mode) => {
      const locks = locksFor(2);
      locks.acquire(L, 0, 'write');
      expect(locks.acquire(L, 1, mode)).toBe(false);
      expect(locks.granted(1)).toBe(false);
      locks.release(L, 0, 'write');
      expect(locks.granted(1)).toBe(true);
      expect(holders(locks)).toBe(`1${mode[0]}`);
    });

    it('readers share, and the last of them lets the writer in', () => {
      const locks = locksFor(3);
      expect(locks.acquire(L, 0, 'read')).toBe(true);
      expect(locks.acquire(L, 1, 'read')).toBe(true);
      expect(locks.acquire(L, 2, 'write')).toBe(false);
      locks.release(L, 0, 'read');
      expect(locks.granted(2)).toBe(false);
      locks.release(L, 1, 'read');
      expect(locks.granted(2)).toBe(true);
    });

    it('locks are independent of each other', () => {
      const locks = locksFor(3, 3);
      expect([0, 1, 2].map((lock) => locks.acquire(lock, lock, 'write'))).toEqual([true, true, true]);
      expect(locks.acquire(1, 0, 'write')).toBe(false);
      locks.release(2, 2, 'write');
      expect(locks.granted(0)).toBe(false);
      locks.release(1, 1, 'write');
      expect(locks.granted(0)).toBe(true);
    });

    it('an actor holds several locks and gives them up in any order', () => {
      const locks = locksFor(1, 3);
      for (const lock of [0, 1, 2]) locks.acquire(lock, 0, 'write');
      for (const lock of [1, 0, 2]) locks.release(lock, 0, 'write');
      expect([0, 1, 2].map((lock) => locks.acquire(lock, 0, 'read'))).toEqual([true, true, true]);
    });

    it('no update is lost between tasks that take turns in the middle of it', async () => {
      const { locks } = make(2, 12);
      const counters = [0, 0];
      await Promise.all(
        Array.from({ length: 12 }, async (_, actor) => {
          for (let round = 0; round < 50; round++) {
            const lock = (actor + round) % 2;
            const mode = (actor + round) % 3 === 0 ? 'read' : 'write';
            await take(locks, lock, actor, mode);
            const seen = counters[lock];
            await turn();
            expect(counters[lock]).toBe(seen);
            if (mode === 'write') counters[lock] = seen + 1;
            locks.release(lock, actor, mode);
          }
        }),
      );
      expect(counters[0] + counters[1]).toBe(400);
      expect(holders(locks, 0) + holders(locks, 1) + queue(locks, 0) + queue(locks, 1)).toBe('');
    });
  });

  describe('order', () => {
    it('a waiting writer stops later readers', () => {
      const locks = locksFor(3);
      locks.acquire(L, 0, 'read');
      locks.acquire(L, 1, 'write');
      expect(locks.acquire(L, 2, 'read')).toBe(false);
      expect(queue(locks)).toBe('1w 2r');
    });

    it('a writer gets through a stream of readers that overlap', () => {
      const locks = locksFor(3);
      locks.acquire(L, 0, 'read');
      locks.acquire(L, 2, 'write');
      // The second reader comes before the first leaves, and would for ever.
      expect(locks.acquire(L, 1, 'read')).toBe(false);
      locks.release(L, 0, 'read');
      expect(locks.granted(1)).toBe(false);
      expect(locks.granted(2)).toBe(true);
    });

    it('a release hands over to all readers up to the next writer', () => {
      const locks = locksFor(6);
      locks.acquire(L, 0, 'write');
      for (const [actor, mode] of [...'rrwrw'].entries()) locks.acquire(L, actor + 1, mode === 'r' ? 'read' : 'write');
      locks.release(L, 0, 'write');
      expect(holders(locks)).toBe('1r 2r');
      expect(queue(locks)).toBe('3w 4r 5w');
      expect([1, 2, 3, 4, 5].map((actor) => locks.granted(actor))).toEqual([true, true, false, false, false]);
    });

    it('a release hands over to one writer only', () => {
      const locks = locksFor(3);
      locks.acquire(L, 0, 'read');
      locks.acquire(L, 1, 'write');
      locks.acquire(L, 2, 'write');
      locks.release(L, 0, 'read');
      expect(holders(locks)).toBe('1w');
      expect(queue(locks)).toBe('2w');
    });

    it('a lock that was handed over is taken, though its new owner has not noticed yet', () => {
      const locks = locksFor(3);
      locks.acquire(L, 0, 'write');
      locks.acquire(L, 1, 'write');
      locks.release(L, 0, 'write');
      expect(locks.tryAcquire(L, 2, 'read')).toBe(false);
      expect(locks.acquire(L, 2, 'read')).toBe(false);
      expect(holders(locks)).toBe('1w');
    });

    it('who has been served queues behind the others', () => {
      const locks = locksFor(2);
      locks.acquire(L, 0, 'write');
      locks.acquire(L, 1, 'write');
      locks.release(L, 0, 'write');
      expect(locks.acquire(L, 0, 'write')).toBe(false);
      expect(locks.granted(1)).toBe(true);
      locks.release(L, 1, 'write');
      expect(locks.granted(0)).toBe(true);
    });

    it('when the queue is served, the lock is free for whoever comes', () => {
      const locks = locksFor(3);
      locks.acquire(L, 0, 'write');
      locks.acquire(L, 1, 'read');
      locks.release(L, 0, 'write');
      expect(locks.tryAcquire(L, 2, 'read')).toBe(true);
    });
  });

  describe('grants', () => {
    it('a grant is told once', () => {
      const locks = locksFor(2);
      locks.acquire(L, 0, 'write');
      locks.acquire(L, 1, 'write');
      locks.release(L, 0, 'write');
      expect([locks.granted(1), locks.granted(1)]).toEqual([true, false]);
      expect(holders(locks)).toBe('1w');
    });

    it('an actor that waits asks for nothing else', () => {
      const locks = locksFor(2, 2);
      locks.acquire(0, 0, 'write');
      locks.acquire(0, 1, 'write');
      locks.acquire(1, 0, 'write');
      expect(() => locks.acquire(1, 1, 'write')).toThrow('actor 1 asks for lock 1, but waits for lock 0');
      locks.release(1, 0, 'write');
      expect(locks.tryAcquire(1, 0, 'write')).toBe(true);
    });

    it('an index out of range is refused', () => {
      const locks = locksFor(2, 3);
      expect(() => locks.acquire(3, 0, 'read')).toThrow('lock 3: there are locks 0 .. 2');
      expect(() => locks.acquire(0, 2, 'read')).toThrow('actor 2: there are actors 0 .. 1');
      expect(() => locks.tryAcquire(-1, 0, 'read')).toThrow('lock -1');
    });

    it('an actor that would hold more locks than can be kept is told so, and the lock stays free', () => {
      const locks = locksFor(2, HELD_SLOTS + 1);
      for (let lock = 0; lock < HELD_SLOTS; lock++) locks.acquire(lock, 0, 'read');
      expect(() => locks.acquire(HELD_SLOTS, 0, 'write')).toThrow(ModelError);
      expect(locks.tryAcquire(HELD_SLOTS, 1, 'write')).toBe(true);
    });
  });

  describe('tries', () => {
    it.each<[LockMode, LockMode, boolean]>([
      ['read', 'read', true],
      ['read', 'write', false],
      ['write', 'read', false],
      ['write', 'write', false],
    ])('held for %s, tried for %s: %s', (held, tried, taken) => {
      const locks = locksFor(2);
      locks.acquire(L, 0, held);
      expect(locks.tryAcquire(L, 1, tried)).toBe(taken);
      expect(queue(locks)).toBe('');
      expect(holders(locks)).toBe(taken ? '0r 1r' : `0${held[0]}`);
    });

    it('a try that failed leaves nothing behind that stops others', () => {
      const locks = locksFor(3);
      locks.acquire(L, 0, 'read');
      locks.tryAcquire(L, 1, 'write');
      expect(locks.acquire(L, 2, 'read')).toBe(true);
      locks.release(L, 0, 'read');
      locks.release(L, 2, 'read');
      expect(locks.tryAcquire(L, 1, 'write')).toBe(true);
    });

    it('a try does not pass a waiting writer', () => {
      const locks = locksFor(3);
      locks.acquire(L, 0, 'read');
      locks.acquire(L, 1, 'write');
      expect(locks.tryAcquire(L, 2, 'read')).toBe(false);
    });

    it.each<[LockMode, LockMode]>([
      ['write', 'write'],
      ['write', 'read'],
      ['read', 'write'],
    ])('who holds the lock for %s and tries it for %s just fails', (held, tried) => {
      const locks = locksFor(1);
      locks.acquire(L, 0, held);
      expect(locks.tryAcquire(L, 0, tried)).toBe(false);
      locks.release(L, 0, held);
      expect(holders(locks)).toBe('');
    });
  });

  describe('cancellation', () => {
    it('who cancels before the grant leaves the queue', () => {
      const locks = locksFor(3);
      locks.acquire(L, 0, 'write');
      locks.acquire(L, 1, 'write');
      locks.acquire(L, 2, 'write');
      expect(locks.cancel(1)).toBe(true);
      expect(queue(locks)).toBe('2w');
      locks.release(L, 0, 'write');
      expect([locks.granted(1), locks.granted(2)]).toEqual([false, true]);
    });

    it('who cancels after the grant holds the lock', () => {
      const locks = locksFor(2);
      locks.acquire(L, 0, 'write');
      locks.acquire(L, 1, 'write');
      locks.release(L, 0, 'write');
      expect(locks.cancel(1)).toBe(false);
      expect(holders(locks)).toBe('1w');
      expect(locks.granted(1)).toBe(false);
      locks.release(L, 1, 'write');
      expect(locks.tryAcquire(L, 0, 'write')).toBe(true);
    });

    it.each([
      ['first', 1],
      ['middle', 2],
      ['last', 3],
    ])('the %s in the queue cancels, and the others keep their order', (_, actor) => {
      const locks = locksFor(5);
      for (const other of [0, 1, 2, 3]) locks.acquire(L, other, 'write');
      locks.cancel(actor);
      locks.acquire(L, 4, 'write');
      expect(queue(locks)).toBe(
        [1, 2, 3, 4]
          .filter((other) => other !== actor)
          .map((other) => `${other}w`)
          .join(' '),
      );
    });

    it('a writer that gives up lets the readers behind it share with those that hold the lock', () => {
      const locks = locksFor(5);
      locks.acquire(L, 0, 'read');
      locks.acquire(L, 1, 'write');
      locks.acquire(L, 2, 'read');
      locks.acquire(L, 3, 'read');
      locks.acquire(L, 4, 'write');
      expect(locks.cancel(1)).toBe(true);
      expect(holders(locks)).toBe('0r 2r 3r');
      expect(queue(locks)).toBe('4w');
    });

    it('the only one in the queue cancels, and the lock is as if it had never come', () => {
      const locks = locksFor(3);
      locks.acquire(L, 0, 'read');
      locks.acquire(L, 1, 'write');
      locks.cancel(1);
      expect(locks.acquire(L, 2, 'read')).toBe(true);
      locks.release(L, 0, 'read');
      locks.release(L, 2, 'read');
      expect(locks.acquire(L, 1, 'write')).toBe(true);
    });

    it('who cancelled may queue again, at the end', () => {
      const locks = locksFor(3);
      for (const actor of [0, 1, 2]) locks.acquire(L, actor, 'write');
      locks.cancel(1);
      expect(locks.acquire(L, 1, 'write')).toBe(false);
      expect(queue(locks)).toBe('2w 1w');
    });

    it('to cancel without waiting is a defect of the caller', () => {
      const locks = locksFor(1);
      locks.acquire(L, 0, 'read');
      expect(() => locks.cancel(0)).toThrow('actor 0 cancels, but waits for no lock');
    });
  });

  describe('misuse', () => {
    it.each<[LockMode, LockMode, string]>([
      ['read', 'read', 'recursive'],
      ['write', 'write', 'recursive'],
      ['write', 'read', 'recursive'],
      ['read', 'write', 'upgrade'],
    ])('held for %s and asked for %s by the same actor: %s', (held, asked, rule) => {
      const locks = locksFor(1);
      locks.acquire(L, 0, held);
      expect(misuseOf(() => locks.acquire(L, 0, asked)).rule).toBe(rule);
      expect(holders(locks)).toBe(`0${held[0]}`);
      expect(queue(locks)).toBe('');
    });

    it('a second read by way of a try is recursive too', () => {
      const locks = locksFor(1);
      locks.acquire(L, 0, 'read');
      expect(misuseOf(() => locks.tryAcquire(L, 0, 'read')).rule).toBe('recursive');
    });

    it.each<[LockMode, LockMode, string]>([
      ['read', 'write', 'wrong-mode'],
      ['write', 'read', 'wrong-mode'],
    ])('held for %s and released for %s: %s', (held, released, rule) => {
      const locks = locksFor(1);
      locks.acquire(L, 0, held);
      expect(misuseOf(() => locks.release(L, 0, released)).rule).toBe(rule);
      expect(holders(locks)).toBe(`0${held[0]}`);
    });

    it('a lock of another actor is not released', () => {
      const locks = locksFor(2);
      locks.acquire(L, 0, 'write');
      expect(misuseOf(() => locks.release(L, 1, 'write')).rule).toBe('not-held');
      expect(holders(locks)).toBe('0w');
    });

    it('a free lock is not released', () => {
      const locks = locksFor(1);
      expect(misuseOf(() => locks.release(L, 0, 'read')).rule).toBe('not-held');
      expect(locks.acquire(L, 0, 'write')).toBe(true);
    });

    it('a lock that one waits for is not released', () => {
      const locks = locksFor(2);
      locks.acquire(L, 0, 'write');
      locks.acquire(L, 1, 'write');
      expect(misuseOf(() => locks.release(L, 1, 'write')).rule).toBe('not-held');
      expect(queue(locks)).toBe('1w');
    });

    it('the report names the lock, the actor, the holders and the queue', () => {
      const locks = locksFor(4, 6);
      locks.acquire(5, 0, 'read');
      locks.acquire(5, 1, 'read');
      locks.acquire(5, 2, 'write');
      locks.acquire(5, 3, 'read');
      const misuse = misuseOf(() => locks.acquire(5, 1, 'write'));
      expect(misuse).toMatchObject({ rule: 'upgrade', lock: 5, actor: 1, mode: 'write' });
      expect(usersText(misuse.holders)).toBe('0r 1r');
      expect(usersText(misuse.queue)).toBe('2w 3r');
      expect(misuse.message).toBe(
        'actor 1 asks for lock 5 for write, but holds it for read already ' +
          '(held by actor 0 for read, actor 1 for read; waited for by actor 2 for write, actor 3 for read)',
      );
    });
  });

  describe('wait', () => {
    it('resolves when the lock is granted later', async () => {
      const locks = locksFor(2);
      locks.acquire(L, 0, 'write');
      locks.acquire(L, 1, 'write');
      const waited = locks.wait(1);
      await turn();
      locks.release(L, 0, 'write');
      await waited;
      expect(locks.granted(1)).toBe(true);
    });

    it('resolves when the lock was granted before', async () => {
      const locks = locksFor(2);
      locks.acquire(L, 0, 'write');
      locks.acquire(L, 1, 'write');
      locks.release(L, 0, 'write');
      await locks.wait(1);
      expect(locks.granted(1)).toBe(true);
    });

    it('resolves for an actor that waits for nothing', async () => {
      const locks = locksFor(1);
      locks.acquire(L, 0, 'write');
      await locks.wait(0);
      expect(locks.granted(0)).toBe(false);
    });

    it('does not resolve for a grant to somebody else', async () => {
      const locks = locksFor(3);
      for (const actor of [0, 1, 2]) locks.acquire(L, actor, 'write');
      const resolved: number[] = [];
      const waits = [1, 2].map(async (actor) => {
        await locks.wait(actor);
        resolved.push(actor);
      });
      locks.release(L, 0, 'write');
      await waits[0];
      await turn();
      expect(resolved).toEqual([1]);
      locks.granted(1);
      locks.release(L, 1, 'write');
      await waits[1];
      expect(locks.granted(2)).toBe(true);
    });

    it('goes on when another gives up ahead of it', async () => {
      const locks = locksFor(4);
      locks.acquire(L, 0, 'read');
      locks.acquire(L, 1, 'write');
      locks.acquire(L, 2, 'write');
      locks.acquire(L, 3, 'read');
      const waits = [locks.wait(2), locks.wait(3)];
      await turn();
      locks.cancel(1);
      await turn();
      locks.release(L, 0, 'read');
      await waits[0];
      expect([locks.granted(2), locks.granted(3)]).toEqual([true, false]);
      locks.release(L, 2, 'write');
      await waits[1];
      expect(locks.granted(3)).toBe(true);
    });

    it.each([Command.Pause, Command.Stop, Command.Broken])('command %i interrupts all who wait', async (command) => {
      const { locks, interrupt } = make(1, 3);
      for (const actor of [0, 1, 2]) locks.acquire(L, actor, 'write');
      const waits = [locks.wait(1), locks.wait(2)];
      await turn();
      interrupt(command);
      await Promise.all(waits);
      expect([locks.granted(1), locks.granted(2)]).toEqual([false, false]);
      expect(queue(locks)).toBe('1w 2w');
    });

    it('whoever was interrupted waits again, and is granted the lock', async () => {
      const { locks, interrupt } = make(1, 2);
      locks.acquire(L, 0, 'write');
      locks.acquire(L, 1, 'write');
      const first = locks.wait(1);
      interrupt(Command.Pause);
      await first;
      interrupt(Command.Run);
      const second = locks.wait(1);
      await turn();
      locks.release(L, 0, 'write');
      await second;
      expect(locks.granted(1)).toBe(true);
    });
  });

  describe('reset', () => {
    it('frees every lock and forgets every holder and waiter', async () => {
      const { locks, words } = make(2, 4);
      locks.acquire(0, 0, 'write');
      locks.acquire(0, 1, 'read');
      locks.acquire(1, 2, 'read');
      locks.acquire(1, 3, 'write');
      locks.release(0, 0, 'write');
      const waited = locks.wait(3);
      locks.reset();
      await waited;
      expect([0, 1].map((lock) => holders(locks, lock) + queue(locks, lock))).toEqual(['', '']);
      expect([0, 1, 2, 3].map((actor) => locks.granted(actor))).toEqual([false, false, false, false]);
      expect([...words].every((word) => word === 0)).toBe(true);
      expect([0, 1].map((lock) => locks.acquire(lock, 3, 'write'))).toEqual([true, true]);
    });
  });
});
