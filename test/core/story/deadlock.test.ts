import { describe, expect, test } from 'vitest';
import type { Deadlock } from '../../../src/core/story/deadlock.js';
import { traceOf } from '../../../src/core/story/trace.js';
import { after, call, compileModel, defineModel } from '../../../src/index.js';
import type { ModelBuilder } from '../../../src/model/model-builder.js';

async function deadlockOf(build: (m: ModelBuilder) => void, steps: readonly number[]): Promise<Deadlock | undefined> {
  const program = await compileModel(defineModel({ name: 'toy', build }));
  const trace = traceOf(program, program.actors, { steps, choices: [] });
  expect(trace.cutShort).toBeUndefined();
  expect(trace.violation?.kind).toBe(trace.deadlock && 'deadlock');
  return trace.deadlock;
}

/** Who waits for which lock, and who is in the way in which role. */
function waits(deadlock: Deadlock | undefined) {
  return deadlock?.waiters.map(({ actor, lock, blockers }) => [
    actor,
    lock?.name,
    blockers.map((blocker) => `${blocker.actor} ${blocker.as}`).join(', '),
  ]);
}

/** Two tasks that take two mutexes in opposite order. */
function abba(m: ModelBuilder): void {
  const locks = [m.mutex('A'), m.mutex('B')];
  m.actors(
    'task',
    2,
    (index) =>
      function* take() {
        yield* locks[index].lock();
        yield* locks[1 - index].lock();
        yield* locks[1 - index].unlock();
        yield* locks[index].unlock();
      },
  );
}

test('two mutexes in opposite order: each holder waits for the other', async () => {
  const deadlock = await deadlockOf(abba, [0, 1]);
  expect(waits(deadlock)).toEqual([
    [0, 'B', '1 holder'],
    [1, 'A', '0 holder'],
  ]);
  expect(deadlock?.cycle).toEqual([0, 1]);
  expect(deadlock?.waiters[0].text).toBe('mutex_lock(B)');
});

test('nobody is deadlocked while somebody can run or when everybody has finished', async () => {
  expect(await deadlockOf(abba, [0])).toBeUndefined();
  expect(await deadlockOf(abba, [0, 0, 0, 0, 1, 1, 1, 1])).toBeUndefined();
});

test('a reader behind a queued writer waits for that writer, the writer for the reader inside', async () => {
  const deadlock = await deadlockOf(
    (m) => {
      const lock = m.rwsem('lock');
      const go = m.cell('go');
      m.actor('inside', function* inside() {
        yield* lock.downRead();
        yield* go.waitUntil((value) => value === 1);
        yield* lock.upRead();
      });
      m.actor('writer', function* writer() {
        yield* lock.downWrite();
        yield* lock.upWrite();
      });
      m.actor('outside', function* outside() {
        yield* lock.downRead();
        yield* go.write(1);
        yield* lock.upRead();
      });
    },
    [0, 1],
  );
  expect(waits(deadlock)).toEqual([
    [0, undefined, ''],
    [1, 'lock', '0 reader'],
    [2, 'lock', '1 queued writer'],
  ]);
  // What the reader inside waits for the other one would write.
  expect(deadlock?.cycle).toEqual([0, 2, 1]);
  expect(deadlock?.waiters.map(({ lock }) => lock?.mode)).toEqual([undefined, 'write', 'read']);
});

test('a task may be in its own way', async () => {
  const deadlock = await deadlockOf(
    (m) => {
      const srcu = m.srcu('srcu');
      m.actor('task', function* task() {
        yield* srcu.readLock();
        yield* srcu.synchronize();
      });
    },
    [0, 0, 0],
  );
  expect(deadlock?.cycle).toEqual([0]);
});

test('the shortest ring is the cycle; who merely waits at it is listed too', async () => {
  const deadlock = await deadlockOf(
    (m) => {
      const [a, b, c] = [m.mutex('A'), m.mutex('B'), m.mutex('C')];
      const take = (first: typeof a, second: typeof a) =>
        function* take() {
          yield* first.lock();
          yield* second.lock();
        };
      m.actor('outsider', take(c, a));
      m.actor('left', take(a, b));
      m.actor('right', take(b, a));
    },
    [0, 1, 2],
  );
  expect(deadlock?.waiters.map(({ actor }) => actor)).toEqual([0, 1, 2]);
  expect(deadlock?.cycle).toEqual([1, 2]);
});

test('of two rings the shorter one is the cycle', async () => {
  const deadlock = await deadlockOf(
    (m) => {
      const [a, b, lock] = [m.mutex('A'), m.mutex('B'), m.rwsem('lock')];
      const readThenTake = (mutex: typeof a) =>
        function* read() {
          yield* lock.downRead();
          yield* mutex.lock();
        };
      m.actor('Y', readThenTake(b));
      m.actor('Z', function* z() {
        yield* b.lock();
        yield* a.lock();
      });
      m.actor('W', function* w() {
        yield* a.lock();
        yield* lock.downWrite();
      });
      m.actor('X', readThenTake(a));
    },
    // W waits for the readers X and Y: X waits for W, and Y waits for Z, which waits for W.
    [0, 3, 1, 2, 2],
  );
  expect(deadlock?.cycle).toEqual([2, 3]);
});

describe('other things than locks', () => {
  test('a call that waits for an earlier call of another actor points to it', async () => {
    const deadlock = await deadlockOf((m) => {
      const never = m.cell('never');
      const flag = m.cell('flag');
      m.actor('first', [
        call('wait', function* wait() {
          yield* never.waitUntil((value) => value === 1);
        }),
      ]);
      m.actor('second', [
        after(
          [{ actor: 0, calls: 1 }],
          call('go', function* go() {
            yield* flag.write(1);
          }),
        ),
      ]);
    }, []);
    expect(deadlock?.waiters.map(({ text }) => text)).toEqual(['wait until never', 'start of go']);
    expect(waits(deadlock)?.[1]).toEqual([1, undefined, '0 earlier call']);
  });

  test("a daemon that waits is listed only when it is in somebody's way", async () => {
    const build = (holds: boolean) => (m: ModelBuilder) => {
      const never = m.cell('never');
      const lock = m.mutex('lock');
      m.actor(
        'worker',
        function* work() {
          if (holds) yield* lock.lock();
          else yield* never.read();
          yield* never.waitUntil((value) => value === 1);
        },
        { daemon: true },
      );
      m.actor('task', function* task() {
        if (holds) yield* lock.lock();
        else yield* never.waitUntil((value) => value === 2);
      });
    };
    expect(waits(await deadlockOf(build(true), [0]))).toEqual([
      [0, undefined, ''],
      [1, 'lock', '0 holder'],
    ]);
    expect(waits(await deadlockOf(build(false), [0]))).toEqual([[1, undefined, '']]);
  });
});
