/** The behaviour that all lock variants share, and what sets the two kinds of read/write lock apart. */
import { describe, expect, it } from 'vitest';
import type { Cell } from '../../src/core/ops/cell.js';
import type { Ref } from '../../src/core/ops/ref.js';
import type { Routine } from '../../src/core/ops/routine.js';
import type { Program } from '../../src/core/program/program.js';
import { call } from '../../src/core/program/program-builder.js';
import { Executor } from '../../src/core/run/executor.js';
import { StepFlag } from '../../src/core/run/step-flag.js';
import type { ModelBuilder } from '../../src/model/model-builder.js';
import { answersOf, cellValue, endsOf, everyRun, programOf, runnableOf, stepAll } from '../core/every-run.js';
import { type LockVariant, lockVariants, type Mode } from './lock-variant.js';

type Body = (item: Ref) => Routine<unknown>;

/** A program whose actors run one routine each on the second lock of the array, where the lock is an array. */
async function actorsOn(variant: LockVariant, bodies: (locks: Locks, m: ModelBuilder) => Body[]): Promise<Program> {
  return programOf((m) => {
    const items = m.domain('item', 2);
    bodies(variant.declare(m), m).forEach((body, i) => {
      m.actor(`a${i}`, [call(`c${i}`, body, items.id(1))]);
    });
  });
}

interface Locks {
  readonly exclusive: Mode;
  readonly shared?: Mode;
}

/** Counts who is inside and says when somebody was there already. */
function critical(mode: Mode, inside: Cell): Body {
  return function* critical(item) {
    yield* mode.lock(item);
    yield* inside.add(1);
    yield* inside.add(-1);
    yield* mode.unlock(item);
  };
}

const readWrite = lockVariants.filter(({ labels }) => labels.shared !== undefined);

describe.each(lockVariants)('$name', (variant) => {
  it('lets one holder in at a time, in any order, and never deadlocks', async () => {
    const program = await actorsOn(variant, ({ exclusive }, m) => {
      const inside = m.cell('inside');
      m.always('one holder', [inside], (n) => n <= 1);
      return [critical(exclusive, inside), critical(exclusive, inside), critical(exclusive, inside)];
    });
    expect(Object.keys(endsOf(program))).toEqual(['complete']);
  });

  it('is what keeps them out: without it two get in', async () => {
    const none: Mode = {
      *lock() {},
      *tryLock() {
        return true;
      },
      *unlock() {},
    };
    const program = await actorsOn(variant, (_, m) => {
      const inside = m.cell('inside');
      m.always('one holder', [inside], (n) => n <= 1);
      return [critical(none, inside), critical(none, inside)];
    });
    expect(endsOf(program).violation).toBeGreaterThan(0);
  });

  it('serves the waiting in every order', async () => {
    let last: Cell | undefined;
    const program = await actorsOn(variant, ({ exclusive }, m) => {
      const order = m.cell('order');
      last = order;
      return [1, 2, 3].map(
        (name) =>
          function* enters(item: Ref) {
            yield* exclusive.lock(item);
            yield* order.apply(`then ${name}`, 'none', { next: (value) => value * 10 + name });
            yield* exclusive.unlock(item);
          },
      );
    });
    expect(answersOf(program, (executor) => cellValue(executor, last!))).toEqual([123, 132, 213, 231, 312, 321]);
  });

  it('makes who comes second wait until the holder is gone', async () => {
    const program = await actorsOn(variant, ({ exclusive }, m) => {
      const inside = m.cell('inside');
      return [critical(exclusive, inside), critical(exclusive, inside)];
    });
    const executor = new Executor(program);
    stepAll(executor, [0]);
    while (executor.canRun(1)) executor.step(1);
    expect(executor.complete).toBe(false);
    stepAll(executor, [0, 0]);
    expect(runnableOf(executor)).toEqual([0]);
    stepAll(executor, [0]);
    expect(runnableOf(executor)).toEqual([1]);
  });

  it('grants a try exactly when a lock would not have to wait, and never makes it wait', async () => {
    const program = await actorsOn(variant, ({ exclusive }, m) => {
      const inside = m.cell('inside');
      m.always('one holder', [inside], (n) => n <= 1);
      return [
        critical(exclusive, inside),
        function* tries(item: Ref) {
          const got = yield* exclusive.tryLock(item);
          if (!got) return false;
          yield* inside.add(1);
          yield* inside.add(-1);
          yield* exclusive.unlock(item);
          return true;
        },
      ];
    });
    expect(answersOf(program, (executor) => executor.resultOf(1, 0))).toEqual([0, 1]);
    expect(Object.keys(endsOf(program))).toEqual(['complete']);
    const executor = new Executor(program);
    stepAll(executor, [0]);
    expect(executor.canRun(1)).toBe(true);
    stepAll(executor, [1]);
    expect(executor.resultOf(1, 0)).toBe(0);
  });

  it('lets a holder try in vain', async () => {
    const program = await actorsOn(variant, ({ exclusive }) => [
      function* holds(item: Ref) {
        yield* exclusive.lock(item);
        const again = yield* exclusive.tryLock(item);
        yield* exclusive.unlock(item);
        return again;
      },
    ]);
    expect(answersOf(program, (executor) => executor.resultOf(0, 0))).toEqual([0]);
    expect(endsOf(program)).toEqual({ complete: 1 });
  });

  const [lock, unlock] = variant.labels.exclusive;
  const misuses: [what: string, does: string, body: (locks: Locks) => Body][] = [
    [
      'an unlock without a lock',
      `${unlock} although it does not hold the lock`,
      ({ exclusive }) =>
        (item) =>
          exclusive.unlock(item),
    ],
    [
      'a lock taken twice',
      `${lock} although it holds the lock already`,
      ({ exclusive }) =>
        function* twice(item) {
          yield* exclusive.lock(item);
          yield* exclusive.lock(item);
        },
    ],
  ];
  if (variant.labels.shared !== undefined) {
    const [readLock, readUnlock] = variant.labels.shared;
    misuses.push(
      [
        'a read lock taken twice',
        `${readLock} although it holds the lock already`,
        ({ shared }) =>
          function* twice(item) {
            yield* shared!.lock(item);
            yield* shared!.lock(item);
          },
      ],
      [
        'a read lock tried twice',
        'although it holds the lock already',
        ({ shared }) =>
          function* twice(item) {
            yield* shared!.tryLock(item);
            yield* shared!.tryLock(item);
          },
      ],
      [
        'an upgrade',
        `${lock} although it holds the lock already`,
        ({ exclusive, shared }) =>
          function* upgrades(item) {
            yield* shared!.lock(item);
            yield* exclusive.lock(item);
          },
      ],
      [
        'a downgrade',
        `${readLock} although it holds the lock already`,
        ({ exclusive, shared }) =>
          function* downgrades(item) {
            yield* exclusive.lock(item);
            yield* shared!.lock(item);
          },
      ],
      [
        'a write unlock of what is held for reading',
        `${unlock} although it does not hold the lock`,
        ({ exclusive, shared }) =>
          function* mixes(item) {
            yield* shared!.lock(item);
            yield* exclusive.unlock(item);
          },
      ],
      [
        'a read unlock of what is held for writing',
        `${readUnlock} although it does not hold the lock`,
        ({ exclusive, shared }) =>
          function* mixes(item) {
            yield* exclusive.lock(item);
            yield* shared!.unlock(item);
          },
      ],
    );
  }

  it.each(misuses)('reports %s instead of hanging', async (_, words, body) => {
    const program = await actorsOn(variant, (locks) => [body(locks)]);
    const found: unknown[] = [];
    everyRun(program, (executor, end) => found.push([end, executor.violation?.kind, executor.violation?.words]));
    expect(found).toEqual([['violation', 'lock-misuse', expect.stringContaining(words)]]);
  });

  it('reports who unlocks what another holds', async () => {
    const program = await actorsOn(variant, ({ exclusive }) => [
      (item) => exclusive.lock(item),
      (item) => exclusive.unlock(item),
    ]);
    const executor = new Executor(program);
    expect(stepAll(executor, [0, 1]) & StepFlag.Violation).toBe(StepFlag.Violation);
    expect(executor.violation).toEqual({
      kind: 'lock-misuse',
      words: `the task does ${unlock} although it does not hold the lock`,
      rule: 'lock rules',
    });
  });
});

describe.each(readWrite)('$name as a read/write lock', (variant) => {
  it('lets readers share it and no writer in with them', async () => {
    let most: Cell | undefined;
    const program = await actorsOn(variant, ({ exclusive, shared }, m) => {
      const readers = m.cell('readers');
      const writers = m.cell('writers');
      most = m.cell('most readers');
      m.always('no writer beside anybody', [readers, writers], (r, w) => w === 0 || (w === 1 && r === 0));
      const reads = function* reads(item: Ref) {
        yield* shared!.lock(item);
        yield* readers.add(1).record(most!, (value, seen) => Math.max(value, seen + 1));
        yield* readers.add(-1);
        yield* shared!.unlock(item);
      };
      const writes = function* writes(item: Ref) {
        yield* exclusive.lock(item);
        yield* writers.add(1);
        yield* writers.add(-1);
        yield* exclusive.unlock(item);
      };
      return [reads, reads, writes];
    });
    expect(answersOf(program, (executor) => cellValue(executor, most!))).toEqual([1, 2]);
    expect(Object.keys(endsOf(program))).toEqual(['complete']);
  });

  it('grants a read try beside readers and refuses it beside a writer', async () => {
    const program = await actorsOn(variant, ({ exclusive, shared }) => [
      (item) => shared!.lock(item),
      (item) => shared!.tryLock(item),
      (item) => exclusive.tryLock(item),
    ]);
    const executor = new Executor(program);
    stepAll(executor, [0, 1, 2]);
    expect([executor.resultOf(1, 0), executor.resultOf(2, 0)]).toEqual([1, 0]);
    executor.reset();
    stepAll(executor, [2, 1]);
    expect([executor.resultOf(2, 0), executor.resultOf(1, 0)]).toEqual([1, 0]);
  });
});

describe('a writer that waits', () => {
  /** A reader inside, a writer that has come as far as it can, and a second reader that has not begun. */
  async function waitingWriter(name: string): Promise<Executor> {
    const variant = lockVariants.find((each) => each.name === name)!;
    const holds = (mode: Mode): Body =>
      function* holds(item) {
        yield* mode.lock(item);
        yield* mode.unlock(item);
      };
    const program = await actorsOn(variant, ({ exclusive, shared }) => [
      holds(shared!),
      holds(exclusive),
      holds(shared!),
    ]);
    const executor = new Executor(program);
    stepAll(executor, [0]);
    while (executor.canRun(1)) executor.step(1);
    return executor;
  }

  it('stops later readers of a rwsem until it has been and gone', async () => {
    const executor = await waitingWriter('rwsem');
    expect(runnableOf(executor)).toEqual([0]);
    stepAll(executor, [0]);
    expect(runnableOf(executor)).toEqual([1]);
    stepAll(executor, [1]);
    expect(runnableOf(executor)).toEqual([1]);
    stepAll(executor, [1]);
    expect(runnableOf(executor)).toEqual([2]);
  });

  it.each(['rwsem', 'rwlock'])('stops every try at a %s, also when nobody holds it any more', async (name) => {
    const program = await actorsOn(lockVariants.find((each) => each.name === name)!, ({ exclusive, shared }) => [
      function* holds(item) {
        yield* shared!.lock(item);
        yield* shared!.unlock(item);
      },
      (item) => exclusive.lock(item),
      (item) => shared!.tryLock(item),
      (item) => exclusive.tryLock(item),
    ]);
    const executor = new Executor(program);
    stepAll(executor, [0, 1, 0, 2, 3]);
    expect([executor.resultOf(2, 0), executor.resultOf(3, 0)]).toEqual([0, 0]);
  });

  it('stops later readers of a rwlock until it has been and gone', async () => {
    const executor = await waitingWriter('rwlock');
    expect(runnableOf(executor)).toEqual([0]);
    stepAll(executor, [0, 1, 1]);
    expect(runnableOf(executor)).toEqual([2]);
  });

  it('of a rwlock keeps the lock from a writer that came later', async () => {
    const rwlock = lockVariants.find(({ name }) => name === 'rwlock')!;
    const program = await actorsOn(rwlock, ({ exclusive }) => {
      const holds: Body = function* holds(item) {
        yield* exclusive.lock(item);
        yield* exclusive.unlock(item);
      };
      return [holds, holds, holds];
    });
    const executor = new Executor(program);
    stepAll(executor, [0, 1, 0]);
    expect(runnableOf(executor)).toEqual([1]);
  });

  it('is overtaken by readers of a rwlock that is declared without its queue', async () => {
    const program = await programOf((m) => {
      const lock = m.rwlock('lock', { queued: false });
      const reads = function* reads(): Routine {
        yield* lock.readLock();
        yield* lock.readUnlock();
      };
      m.actor('first', reads);
      m.actor('writer', function* writes() {
        yield* lock.writeLock();
        yield* lock.writeUnlock();
      });
      m.actor('second', reads);
    });
    const executor = new Executor(program);
    stepAll(executor, [0]);
    expect(runnableOf(executor)).toEqual([0, 2]);
    stepAll(executor, [2, 0, 2]);
    expect(runnableOf(executor)).toEqual([1]);
  });

  it.each(['readTrylock', 'writeTrylock'] as const)(
    'would be seen by a %s, which such a rwlock refuses',
    async (op) => {
      const program = programOf((m) => {
        const lock = m.rwlock('lock', { queued: false });
        m.actor('tries', () => lock[op]() as never);
      });
      await expect(program).rejects.toThrow(
        /_trylock\(lock\) would tell whether a writer waits, and lock is declared without: leave `queued: false` out/,
      );
    },
  );

  it('of a rwsem may lose the lock to one who came later', async () => {
    const rwsem = lockVariants.find(({ name }) => name === 'rwsem')!;
    const program = await actorsOn(rwsem, ({ exclusive }) => {
      const holds: Body = function* holds(item) {
        yield* exclusive.lock(item);
        yield* exclusive.unlock(item);
      };
      return [holds, holds, holds];
    });
    const executor = new Executor(program);
    stepAll(executor, [0, 1, 0]);
    expect(runnableOf(executor)).toEqual([1, 2]);
    stepAll(executor, [2]);
    expect(runnableOf(executor)).toEqual([2]);
  });
});

describe('an array of locks', () => {
  it('keeps its locks apart', async () => {
    const program = await programOf((m) => {
      const items = m.domain('item', 2);
      const locks = m.mutex('lock', { count: 2 });
      const routine = function* holds(item: Ref) {
        yield* locks.at(item).lock();
        yield* locks.at(item).unlock();
      };
      m.actor('a', [call('first', routine, items.id(0))]);
      m.actor('b', [call('second', routine, items.id(1))]);
      m.actor('c', [call('second', routine, items.id(1))]);
    });
    const executor = new Executor(program);
    stepAll(executor, [0, 1]);
    expect(runnableOf(executor)).toEqual([0, 1]);
    stepAll(executor, [1]);
    expect(runnableOf(executor)).toEqual([0, 2]);
  });
});

it.each(['readLock', 'writeLock', 'none'] as const)(
  'a read/write lock is asserted not to be held: %s',
  async (held) => {
    const program = await programOf((m) => {
      const lock = m.rwlock('lock');
      m.actor('asserts', [
        call('asserts', function* asserts() {
          if (held === 'readLock') yield* lock.readLock();
          if (held === 'writeLock') yield* lock.writeLock();
          yield* lock.assertNotHeld();
        }),
      ]);
      m.actor('holds', [
        call('holds', function* holds() {
          yield* lock.readLock();
          yield* lock.readUnlock();
        }),
      ]);
    });
    const executor = new Executor(program);
    while (executor.violation === undefined && executor.canRun(0)) executor.step(0, 0);
    expect(executor.violation?.kind).toBe(held === 'none' ? undefined : 'lock-misuse');
    if (held !== 'none') expect(executor.violation?.words).toContain('it holds the lock already');
  },
);
