/** Choices, and ops on several cells. */
import { describe, expect, it } from 'vitest';
import { choose, compute, waitUntil } from '../../../src/core/ops/choice.js';
import { opText } from '../../../src/core/ops/op.js';
import type { Ref } from '../../../src/core/ops/ref.js';
import type { Routine } from '../../../src/core/ops/routine.js';
import { call } from '../../../src/core/program/program-builder.js';
import { Executor } from '../../../src/core/run/executor.js';
import { traceOf } from '../../../src/core/story/trace.js';
import { programOf, runnableOf, stepAll } from '../every-run.js';

it.each([1, 0, -1, 2.5])('a choice of %d outcomes is none', (count) => {
  expect(() => choose(count, 'which')).toThrow(`choose(${count}, "which") offers no choice`);
});

it('a choice of a million outcomes is refused, with what is allowed', () => {
  expect(() => choose(10 ** 6, 'which')).toThrow(
    'choose(1000000, "which") offers more than 1024 outcomes, and a search goes into each; ' +
      'choose between the kinds of value that make a difference',
  );
  expect(choose(1_024, 'which').spec.a).toBe(1_024);
});

describe('compute', () => {
  it('gets the values of cells, refs and identities in order and returns a result', async () => {
    const program = await programOf((m) => {
      const items = m.domain('item', 4);
      const x = m.cell('x', { initial: 5 });
      const cells = m.cells('cell', 4, { initial: 7 });
      m.actor('task', [
        call(
          'task',
          function* task(item: Ref) {
            return yield* compute(
              'f',
              [x, item, items.id(2), cells.at(item)],
              ([a, b, c, d]) => a * 1000 + b * 100 + c * 10 + d,
              {
                result: 'number',
              },
            );
          },
          items.id(3),
        ),
      ]);
    });
    const executor = new Executor(program);
    stepAll(executor, [0]);
    expect(executor.resultOf(0, 0)).toBe(5437);
  });

  it('stores what it changed when it may write, and only then', async () => {
    const program = await programOf((m) => {
      const items = m.domain('item', 2);
      const cells = m.cells('cell', 2, { initial: 1 });
      const swap = (values: number[]): void => {
        values[0] += 10;
        values[1] = 3;
      };
      m.actor('task', [
        call(
          'task',
          function* task(item: Ref) {
            yield* compute('reads', [cells.at(0), cells.at(item)], swap);
            yield* compute('writes', [cells.at(0), cells.at(item)], swap, { writes: true });
          },
          items.id(1),
        ),
      ]);
    });
    const executor = new Executor(program);
    stepAll(executor, [0]);
    expect([...executor.state.subarray(0, 2)]).toEqual([1, 1]);
    stepAll(executor, [0]);
    expect([...executor.state.subarray(0, 2)]).toEqual([11, 3]);
  });

  it('that returns a boolean or nothing is understood', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x', { initial: 5 });
      m.actor('task', function* task() {
        yield* compute('nothing', [x], () => {});
        return yield* compute('big', [x], ([value]) => value > 4, { result: 'boolean' });
      });
    });
    const executor = new Executor(program);
    stepAll(executor, [0, 0]);
    expect(executor.resultOf(0, 0)).toBe(1);
  });

  it('returns negative results as they are', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      m.actor('task', function* task() {
        return (
          (yield* compute('a', [x], () => -1, { result: 'number' })) * 10 +
          (yield* compute('b', [x], () => -2, { result: 'number' }))
        );
      });
    });
    const executor = new Executor(program);
    stepAll(executor, [0, 0]);
    expect(executor.resultOf(0, 0)).toBe(-12);
  });

  it('refuses a ref that names no cell', async () => {
    const program = await programOf((m) => {
      const items = m.domain('item', 3);
      const cells = m.cells('cell', 2);
      m.actor('task', [
        call(
          'task',
          (item: Ref) => compute('looks', [cells.at(item)], () => {})[Symbol.iterator]() as Routine,
          items.id(2),
        ),
      ]);
    });
    expect(() => new Executor(program).step(0)).toThrow('task runs "looks" on a ref that names cell 2; ');
  });
});

describe('waitUntil over several cells', () => {
  it('names what it waits on, up to four, and cells that a ref picks when it is known which', async () => {
    const program = await programOf((m) => {
      const items = m.domain('item', 2);
      const flag = m.cell('flag');
      const cells = m.cells('cell', 6);
      const all = Array.from({ length: 6 }, (_, place) => cells.at(place));
      const waits = (item: Ref) => waitUntil([flag, cells.at(item), item, items.id(0)], () => false);
      m.actor('some', [call('wait', (item: Ref) => waits(item)[Symbol.iterator]() as Routine, items.id(1))]);
      m.actor('all', () => m.waitUntil(all, () => false)[Symbol.iterator]() as Routine);
      m.actor('named', () => waitUntil([flag], () => false, 'the bell')[Symbol.iterator]() as Routine);
    });
    const { deadlock } = traceOf(program, program.actors, { steps: [], choices: [] });
    expect(deadlock?.waiters.map(({ text }) => text)).toEqual([
      'wait on flag, cell[1], item 1, item 0',
      'wait on cell[0], cell[1], cell[2], cell[3] and 2 more',
      'the bell',
    ]);
  });

  it('names a cell that a ref picks by what the ref is, where it is not known which', async () => {
    await programOf((m) => {
      const items = m.domain('item', 2);
      const cells = m.cells('cell', 2);
      const look = (item: Ref) => {
        const op = waitUntil([cells.at(item), item], () => false);
        expect(opText(op)).toBe('wait on cell[item], item');
        return op[Symbol.iterator]() as Routine;
      };
      m.actor('task', [call('look', look, items.id(1))]);
    });
  });

  it('is looked at again whenever one of them changes', async () => {
    const program = await programOf((m) => {
      const items = m.domain('item', 2);
      const x = m.cell('x');
      const cells = m.cells('cell', 2);
      m.actor('waits', [
        call(
          'waits',
          function* waits(item: Ref) {
            yield* waitUntil([x, cells.at(item)], (a, b) => a + b === 2);
          },
          items.id(1),
        ),
      ]);
      m.actor('writes', function* writes() {
        yield* x.write(1);
        yield* cells.at(1).write(1);
        yield* cells.at(0).write(1);
        yield* cells.at(1).write(0);
        yield* x.write(2);
      });
    });
    const executor = new Executor(program);
    for (let run = 0; run < 2; run++) {
      executor.reset();
      const could: boolean[] = [executor.canRun(0)];
      for (let step = 0; step < 5; step++) {
        stepAll(executor, [1]);
        could.push(executor.canRun(0));
      }
      expect(could).toEqual([false, false, true, true, false, true]);
    }
    stepAll(executor, [0]);
    expect(executor.complete).toBe(true);
  });

  it('of a builder is the same', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      const y = m.cell('y');
      m.actor('waits', function* waits() {
        yield* m.waitUntil([x, y], (a, b) => a === b);
      });
      m.actor('writes', function* writes() {
        yield* x.write(1);
        yield* y.write(1);
      });
    });
    const executor = new Executor(program);
    stepAll(executor, [1]);
    expect(runnableOf(executor)).toEqual([1]);
    stepAll(executor, [1]);
    expect(runnableOf(executor)).toEqual([0]);
  });
});
