/** Read holds that are counted, by the rules of rwsems, of rwlocks, and of recursive read locks. */
import { describe, expect, it } from 'vitest';
import type { Routine } from '../../src/core/ops/routine.js';
import { Executor } from '../../src/core/run/executor.js';
import { verify } from '../../src/index.js';
import { defineModel } from '../../src/model/model.js';
import type { ModelBuilder } from '../../src/model/model-builder.js';
import { endsOf, everyRun, programOf, runnableOf, stepAll } from '../core/every-run.js';

interface Holds {
  readonly name: string;
  /** Whether a writer that waits stops a hold more. */
  readonly stops: boolean;
  declare(m: ModelBuilder): { read(): Routine; unread(): Routine; write(): Routine; unwrite(): Routine };
}

function* of(op: Iterable<unknown, unknown, unknown>): Routine {
  yield* op as Routine;
}

const kinds: readonly Holds[] = [
  {
    ...{ name: 'rwsem', stops: true },
    declare(m) {
      const lock = m.rwsem('lock', { nesting: 2 });
      return {
        ...{ read: () => lock.downReadCounted(), unread: () => lock.upReadCounted() },
        ...{ write: () => lock.downWrite(), unwrite: () => of(lock.upWrite()) },
      };
    },
  },
  ...[true, false].map(
    (stops): Holds => ({
      ...{ name: stops ? 'rwlock' : 'rwlock, recursive', stops },
      declare(m) {
        const lock = m.rwlock('lock', { nesting: 2 });
        return {
          ...{ read: () => (stops ? lock.readLockCounted() : lock.readLockRecursive()) },
          ...{ unread: () => lock.readUnlockCounted() },
          ...{ write: () => lock.writeLock(), unwrite: () => of(lock.writeUnlock()) },
        };
      },
    }),
  ),
];

/** One who reads twice, one hold in the other, beside so many writers. */
const nested = ({ declare }: Holds, writers: number) =>
  programOf((m) => {
    const lock = declare(m);
    m.actor('reader', function* reader() {
      yield* lock.read();
      yield* lock.read();
      yield* lock.unread();
      yield* lock.unread();
    });
    for (let i = 0; i < writers; i++) {
      m.actor(`writer${i}`, function* writer() {
        yield* lock.write();
        yield* lock.unwrite();
      });
    }
  });

describe.each(kinds)('$name', (kind) => {
  it('a task may hold it twice, and holds it until it has given it back twice', async () => {
    expect(endsOf(await nested(kind, 0))).toEqual({ complete: 1 });
    const executor = new Executor(await nested(kind, 1));
    stepAll(executor, [0, 0, 0]);
    stepAll(executor, [1]);
    expect(runnableOf(executor)).toEqual([0]);
    stepAll(executor, [0]);
    expect(runnableOf(executor)).toEqual([1]);
  });

  it(`a writer between two holds: ${kind.stops ? 'a deadlock' : 'nothing'}`, async () => {
    const ends = endsOf(await nested(kind, 2));
    expect(Object.keys(ends).sort()).toEqual(kind.stops ? ['complete', 'deadlock'] : ['complete']);
  });

  it('a hold more than it has room for stops the run; giving back what is not held is a finding', async () => {
    const program = await programOf((m) => {
      const lock = kind.declare(m);
      m.actor('reader', function* reader() {
        for (let i = 0; i < 3; i++) yield* lock.read();
      });
      m.actor('other', function* other() {
        yield* lock.unread();
      });
    });
    const executor = new Executor(program);
    stepAll(executor, [0, 0]);
    expect(() => executor.step(0)).toThrow('nests lock.holds more than 2 deep');
    executor.reset();
    stepAll(executor, [1]);
    expect(executor.violation).toMatchObject({ kind: 'lock-misuse' });
  });

  it('a writer that reads holds it already', async () => {
    const program = await programOf((m) => {
      const lock = kind.declare(m);
      m.actor('writer', function* writer() {
        yield* lock.write();
        yield* lock.read();
      });
    });
    everyRun(program, (executor) => expect(executor.violation?.kind).toBe('lock-misuse'));
  });
});

it('says how to declare a lock whose holds are counted', async () => {
  const program = programOf((m) => {
    const lock = m.rwsem('lock');
    m.actor('reader', () => lock.downReadCounted());
  });
  await expect(program).rejects.toThrow(
    'down_read(lock): the holds of lock are not counted; declare it with { nesting: 2 }, or more',
  );
});

it('a deadlock of two holds with a writer between them is told with both', async () => {
  const model = defineModel({
    name: 'nested',
    build(m) {
      const lock = m.rwsem('lock', { nesting: 2 });
      m.actor('reader', function* reader() {
        yield* lock.downReadCounted();
        yield* lock.downReadCounted();
        yield* lock.upReadCounted();
        yield* lock.upReadCounted();
      });
      m.actor('writer', function* writer() {
        yield* lock.downWrite();
        yield* lock.upWrite();
      });
    },
  });
  const { findings } = await verify(model);
  expect(findings.map(({ words }) => words)).toEqual([
    'reader waits for lock, writer waits for lock: nobody can go on',
  ]);
});

describe('downgrade_write()', () => {
  it.each([true, false])('no writer comes between: %s', async (downgrades) => {
    const program = await programOf((m) => {
      const sem = m.rwsem('sem');
      const value = m.cell('value');
      m.actors(
        'T',
        2,
        (i) =>
          function* t() {
            yield* sem.downWrite();
            yield* value.write(i + 1);
            if (downgrades) yield* sem.downgradeWrite();
            else {
              yield* sem.upWrite();
              yield* sem.downRead();
            }
            const seen = yield* value.read();
            yield* sem.upRead();
            return seen === i + 1;
          },
      );
    });
    const own = new Set<string>();
    everyRun(program, (executor, end) => own.add(`${end} ${executor.resultOf(0, 0)} ${executor.resultOf(1, 0)}`));
    expect([...own].sort()).toEqual(downgrades ? ['complete 1 1'] : ['complete 0 1', 'complete 1 0', 'complete 1 1']);
  });

  it('lets readers in, and is for who holds it for write only', async () => {
    const program = await programOf((m) => {
      const sem = m.rwsem('sem');
      m.actor('writer', function* writer() {
        yield* sem.downWrite();
        yield* sem.downgradeWrite();
        yield* sem.upRead();
      });
      m.actor('reader', function* reader() {
        yield* sem.downRead();
        yield* sem.downgradeWrite();
      });
    });
    const executor = new Executor(program);
    stepAll(executor, [0]);
    expect(runnableOf(executor)).toEqual([0]);
    stepAll(executor, [0]);
    expect(runnableOf(executor)).toEqual([0, 1]);
    stepAll(executor, [1, 1]);
    expect(executor.violation).toMatchObject({ kind: 'lock-misuse' });
  });
});

describe('a wait that may end at any time', () => {
  it('a queued writer that gives up lets readers in again', async () => {
    for (const make of [
      (m: ModelBuilder) => {
        const lock = m.rwsem('lock');
        return {
          read: () => lock.downReadTrylock(),
          hold: () => of(lock.downRead()),
          write: () => lock.downWriteKillable(),
        };
      },
      (m: ModelBuilder) => {
        const lock = m.rwlock('lock');
        return { read: () => lock.readTrylock(), hold: () => of(lock.readLock()), write: () => lock.writeLockTimed() };
      },
    ]) {
      const program = await programOf((m) => {
        const lock = make(m);
        m.actor('holder', function* holder() {
          yield* lock.hold();
        });
        m.actor('writer', () => lock.write());
        m.actor('reader', function* reader() {
          return yield* lock.read();
        });
      });
      const executor = new Executor(program);
      stepAll(executor, [0, 1, 2]);
      expect(executor.resultOf(2, 0)).toBe(0);
      executor.reset();
      stepAll(executor, [0, 1, 1, 2]);
      expect([executor.resultOf(1, 0), executor.resultOf(2, 0)]).toEqual([0, 1]);
      executor.reset();
      stepAll(executor, [1]);
      expect(executor.resultOf(1, 0)).toBe(1);
    }
  });

  it('two locks in opposite orders: a deadlock, but not where one of the waits may end', async () => {
    const ends = async (waits: 'lock' | 'lockKillable' | 'lockInterruptible' | 'lockTimed') => {
      const program = await programOf((m) => {
        const [a, b] = [m.mutex('a'), m.mutex('b')];
        m.actor('T1', function* t1() {
          yield* a.lock();
          if (waits === 'lock') yield* b.lock();
          else if (!(yield* b[waits]())) {
            yield* a.unlock();
            return;
          }
          yield* b.unlock();
          yield* a.unlock();
        });
        m.actor('T2', function* t2() {
          yield* b.lock();
          yield* a.lock();
          yield* a.unlock();
          yield* b.unlock();
        });
      });
      return Object.keys(endsOf(program)).sort();
    };
    expect(await ends('lock')).toEqual(['complete', 'deadlock']);
    for (const waits of ['lockKillable', 'lockInterruptible', 'lockTimed'] as const)
      expect(await ends(waits)).toEqual(['complete']);
  });

  it.each([true, false])('no order of locks keeps it waiting: %s', async (mayEnd) => {
    const model = defineModel({
      name: 'orders',
      build(m) {
        const [outer, a, b] = [m.mutex('outer'), m.spinlock('a'), m.rwsem('b')];
        m.actor('T1', function* t1() {
          yield* outer.lock();
          yield* a.lock();
          if (!mayEnd) yield* b.downWrite();
          if (!mayEnd || (yield* b.downWriteKillable())) yield* b.upWrite();
          yield* a.unlock();
          yield* outer.unlock();
        });
        m.actor('T2', function* t2() {
          yield* outer.lock();
          yield* b.downRead();
          yield* a.lock();
          yield* a.unlock();
          yield* b.upRead();
          yield* outer.unlock();
        });
      },
    });
    const { findings } = await verify(model, { all: true });
    expect(findings.map(({ kind }) => kind)).toEqual(mayEnd ? [] : ['lock-order']);
  });
});
