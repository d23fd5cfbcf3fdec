/** Wait queues: who is woken, in which order, and what is lost. */
import { expect, it } from 'vitest';
import type { Cell } from '../../src/core/ops/cell.js';
import type { Routine } from '../../src/core/ops/routine.js';
import { Executor } from '../../src/core/run/executor.js';
import type { WaitQueue } from '../../src/primitives/wait-queue.js';
import { cellValue, everyRun, programOf, runnableOf, stepAll } from '../core/every-run.js';

/** Sleepers that prepare and sleep, the first of them without their turn, and a waker. */
async function sleepersOf(plain: number, exclusive: number, wakes: (queue: WaitQueue) => Routine, places = 4) {
  const program = await programOf((m) => {
    const queue = m.waitQueue('queue', { exclusive: places });
    for (let i = 0; i < plain + exclusive; i++) {
      const side = i < plain ? queue : queue.exclusive;
      m.actor(`sleeper${i}`, function* sleeper() {
        yield* side.prepare();
        yield* side.schedule();
      });
    }
    m.actor('waker', () => wakes(queue));
  });
  return new Executor(program);
}

it('wakes all who wait without their turn and the first of those who wait for it', async () => {
  const executor = await sleepersOf(2, 2, function* (queue) {
    yield* queue.wakeUp();
    yield* queue.wakeUp();
    yield* queue.wakeUp();
  });
  const waker = 4;
  stepAll(executor, [3, 0, 2, 1]);
  expect(runnableOf(executor)).toEqual([waker]);
  stepAll(executor, [waker]);
  // Sleeper 3 was in line first.
  expect(runnableOf(executor)).toEqual([0, 1, 3, waker]);
  stepAll(executor, [waker]);
  expect(runnableOf(executor)).toEqual([0, 1, 2, 3, waker]);
  stepAll(executor, [waker, 0, 1, 2, 3]);
  expect(executor.complete).toBe(true);
});

it('wakes as many as it is told to, or all', async () => {
  const some = await sleepersOf(0, 3, (queue) => queue.wakeUpNr(2));
  stepAll(some, [2, 0, 1, 3]);
  expect(runnableOf(some)).toEqual([0, 2]);
  const all = await sleepersOf(1, 3, (queue) => queue.wakeUpAll());
  stepAll(all, [0, 1, 2, 3, 4]);
  expect(runnableOf(all)).toEqual([0, 1, 2, 3]);
});

it('a wake-up between prepare and schedule is not lost, one before prepare is', async () => {
  const executor = await sleepersOf(1, 0, (queue) => queue.wakeUp());
  stepAll(executor, [0, 1]);
  expect(runnableOf(executor)).toEqual([0]);
  executor.reset();
  stepAll(executor, [1, 0]);
  expect(runnableOf(executor)).toEqual([]);
});

it('who leaves the line lets those behind it move up, and who prepares twice keeps its place', async () => {
  let woken: Cell | undefined;
  const program = await programOf((m) => {
    const queue = m.waitQueue('queue', { exclusive: 3 });
    const order = m.cell('order');
    woken = order;
    for (const name of [1, 2, 3]) {
      m.actor(`s${name}`, function* sleeper() {
        yield* queue.exclusive.prepare();
        if (name === 1) yield* queue.exclusive.prepare();
        if (name === 2) yield* queue.exclusive.finish();
        yield* queue.exclusive.schedule();
        yield* order.apply(`then ${name}`, 'none', { next: (value) => value * 10 + name });
      });
    }
    m.actor('waker', function* waker() {
      yield* queue.wakeUp();
      yield* queue.wakeUp();
    });
  });
  const executor = new Executor(program);
  stepAll(executor, [0, 1, 2, 1, 0]);
  stepAll(executor, [1, 1, 3]);
  expect(runnableOf(executor)).toEqual([0, 3]);
  stepAll(executor, [0, 0, 3, 2, 2]);
  expect(executor.complete).toBe(true);
  expect(cellValue(executor, woken!)).toBe(213);
});

it('a sleep that may end at any time says whether it was woken', async () => {
  const program = await programOf((m) => {
    const queue = m.waitQueue('queue');
    const set = m.cell('set');
    for (const [at, side] of [queue, queue.exclusive].entries()) {
      m.actor(`sleeper${at}`, function* sleeper() {
        yield* side.prepare();
        return yield* side.scheduleTimeout();
      });
      m.actor(`asker${at}`, function* asker() {
        return yield* side.waitEventInterruptible(function* () {
          return (yield* set.read()) === 1;
        });
      });
    }
    m.actor('waker', function* waker() {
      yield* set.write(1);
      yield* queue.wakeUpAll();
      return yield* queue.isActive();
    });
  }, 4);
  const executor = new Executor(program);
  const [sleeper, asker, second, other, waker] = [0, 1, 2, 3, 4];
  stepAll(executor, [sleeper, second, waker, waker, sleeper, second]);
  expect([executor.resultOf(sleeper, 0), executor.resultOf(second, 0)]).toEqual([1, 1]);
  executor.reset();
  stepAll(executor, [sleeper, second, sleeper, second]);
  expect([executor.resultOf(sleeper, 0), executor.resultOf(second, 0)]).toEqual([0, 0]);
  // Nobody is in the queue; then the asker of each side is.
  executor.reset();
  stepAll(executor, [waker, waker, waker]);
  expect(executor.resultOf(waker, 0)).toBe(0);
  for (const one of [asker, other]) {
    executor.reset();
    stepAll(executor, [waker, waker, one, waker]);
    expect(executor.resultOf(waker, 0)).toBe(1);
  }
  // It is interrupted, but what it waits for is there when it looks once more.
  executor.reset();
  stepAll(executor, [asker, asker, waker, asker, asker]);
  expect(executor.resultOf(asker, 0)).toBe(1);
  executor.reset();
  stepAll(executor, [asker, asker, asker, asker]);
  expect(executor.resultOf(asker, 0)).toBe(0);
});

it('a line that is full stops the run and says how to make room', async () => {
  const executor = await sleepersOf(0, 2, (queue) => queue.wakeUp(), 1);
  stepAll(executor, [0]);
  expect(() => executor.step(1)).toThrow(
    'prepare_to_wait_exclusive(queue): more than 1 stand in line; declare it with room for more',
  );
  await expect(programOf((m) => void m.waitQueue('queue', { exclusive: 33 }))).rejects.toThrow(
    'waitQueue("queue") has places: 33; that is a whole number, at least 1 and at most 32',
  );
});

it('a waiter that condition and queue leave behind is told of in words', async () => {
  const executor = await sleepersOf(1, 0, function* () {});
  everyRun(executor.program, (run, end) => expect([end, run.complete]).toEqual(['deadlock', false]));
});
