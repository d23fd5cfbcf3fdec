import { expect, it } from 'vitest';
import { lockLayout } from '../../src/live/lock-layout.js';
import { SharedRwLocks } from '../../src/live/shared-lock.js';
import { deadlockedRing, lockWaiters } from '../../src/live/waits-for.js';

function world(locks: number, actors: number) {
  const layout = lockLayout({ locks, actors, threads: 1 });
  const words = new Int32Array(new SharedArrayBuffer(layout.end * 4));
  return { layout, words, locks: new SharedRwLocks(words, layout) };
}

const ringOf = ({ words, layout }: ReturnType<typeof world>) =>
  deadlockedRing(lockWaiters(words, layout))?.map(({ actor }) => actor);

it('an actor waits for those that hold the lock', () => {
  const at = world(1, 3);
  at.locks.acquire(0, 0, 'read');
  at.locks.acquire(0, 1, 'read');
  at.locks.acquire(0, 2, 'write');
  expect(lockWaiters(at.words, at.layout)).toEqual([
    {
      ...{ actor: 2, lock: 0, mode: 'write' },
      blockers: [
        { actor: 0, mode: 'read' },
        { actor: 1, mode: 'read' },
      ],
    },
  ]);
  expect(ringOf(at)).toBeUndefined();
});

it('two actors that each want what the other holds are a ring', () => {
  const at = world(2, 2);
  at.locks.acquire(0, 0, 'write');
  at.locks.acquire(1, 1, 'write');
  at.locks.acquire(1, 0, 'write');
  at.locks.acquire(0, 1, 'write');
  expect(ringOf(at)).toEqual([0, 1]);
});

it('a reader that queues behind a writer waits for it', () => {
  const at = world(2, 3);
  at.locks.acquire(0, 0, 'read');
  at.locks.acquire(1, 2, 'write');
  at.locks.acquire(0, 1, 'write');
  at.locks.acquire(0, 2, 'read');
  // 2 waits for the writer 1, which waits for the reader 0, which waits for what 2 holds.
  at.locks.acquire(1, 0, 'write');
  expect(ringOf(at)).toEqual([0, 2, 1]);
});

it('the shortest of several rings is reported', () => {
  const at = world(5, 5);
  for (const actor of [0, 1, 2, 3, 4]) at.locks.acquire(actor, actor, 'write');
  for (const [actor, lock] of [
    [0, 1],
    [1, 2],
    [2, 0],
    [3, 4],
    [4, 3],
  ]) {
    at.locks.acquire(lock, actor, 'write');
  }
  expect(ringOf(at)).toEqual([3, 4]);
});

it('a lock that was handed over is waited for no longer', () => {
  const at = world(2, 2);
  at.locks.acquire(0, 0, 'write');
  at.locks.acquire(0, 1, 'write');
  expect(lockWaiters(at.words, at.layout)).toHaveLength(1);
  at.locks.release(0, 0, 'write');
  expect(lockWaiters(at.words, at.layout)).toEqual([]);
});
