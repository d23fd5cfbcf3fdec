/** The executor: runs, calls, daemons, and what a step says of itself. Its ops are tested where they are declared. */
import { describe, expect, it } from 'vitest';
import { DONE } from '../../../src/core/automaton/automaton.js';
import type { Cell } from '../../../src/core/ops/cell.js';
import { choose } from '../../../src/core/ops/choice.js';
import { here } from '../../../src/core/ops/routine.js';
import { call, after as startsAfter } from '../../../src/core/program/program-builder.js';
import { Executor } from '../../../src/core/run/executor.js';
import { StepFlag } from '../../../src/core/run/step-flag.js';
import type { ModelBuilder } from '../../../src/model/model-builder.js';
import { answersOf, endsOf, programOf, runnableOf, stepAll } from '../every-run.js';

/** A call of one op that returns `result`. */
function adds(name: string, cell: Cell, result?: number | boolean) {
  return call(name, function* adds() {
    yield* cell.add(1);
    return result;
  });
}

async function executorOf(build: (m: ModelBuilder) => void): Promise<Executor> {
  return new Executor(await programOf(build));
}

describe('calls', () => {
  it('are made one after the other, and their results are kept', async () => {
    const executor = await executorOf((m) => {
      const x = m.cell('x');
      m.actor('first', [adds('a', x, 5), adds('b', x, true), adds('c', x)]);
      m.actor('second', [adds('d', x, -7)]);
    });
    expect([executor.callsOf(0), executor.callsOf(1)]).toEqual([0, 0]);
    expect(stepAll(executor, [0])).toBe(StepFlag.CallEnd);
    stepAll(executor, [1, 0]);
    expect([executor.callsOf(0), executor.callsOf(1)]).toEqual([2, 1]);
    stepAll(executor, [0]);
    const results = [
      executor.resultOf(0, 0),
      executor.resultOf(0, 1),
      executor.resultOf(0, 2),
      executor.resultOf(1, 0),
    ];
    expect(results).toEqual([5, 1, 0, -7]);
    expect([...executor.state.subarray(executor.results)]).toEqual(results);
    expect([executor.nodeOf(0), executor.nodeOf(1), executor.complete]).toEqual([DONE, DONE, true]);
  });

  it('without an op end as soon as they begin', async () => {
    const executor = await executorOf((m) => {
      const x = m.cell('x');
      const nothing = call('nothing', function* nothing() {
        return 3;
      });
      m.actor('only', [nothing]);
      m.actor('around', [nothing, adds('a', x), nothing, nothing]);
    });
    expect([executor.callsOf(0), executor.resultOf(0, 0), executor.callsOf(1)]).toEqual([1, 3, 1]);
    stepAll(executor, [1]);
    expect([executor.callsOf(1), executor.resultOf(1, 3), executor.complete]).toEqual([4, 3, true]);
  });

  it('do not begin before the calls of others that they wait for have ended', async () => {
    const executor = await executorOf((m) => {
      const x = m.cell('x');
      m.actor('first', [adds('a', x), adds('b', x)]);
      m.actor('second', [startsAfter([{ actor: 0, calls: 1 }], adds('c', x)), adds('d', x)]);
      m.actor('third', [
        startsAfter(
          [
            { actor: 0, calls: 2 },
            { actor: 1, calls: 1 },
          ],
          adds('e', x),
        ),
      ]);
    });
    for (let run = 0; run < 2; run++) {
      executor.reset();
      expect(runnableOf(executor)).toEqual([0]);
      stepAll(executor, [0]);
      expect(runnableOf(executor)).toEqual([0, 1]);
      stepAll(executor, [0]);
      expect(runnableOf(executor)).toEqual([1]);
      stepAll(executor, [1]);
      expect(runnableOf(executor)).toEqual([1, 2]);
    }
  });

  it('that wait for calls may have to wait for a lock as well', async () => {
    const executor = await executorOf((m) => {
      const x = m.cell('x');
      const lock = m.mutex('lock');
      const locks = call('locks', function* locks() {
        yield* lock.lock();
        yield* lock.unlock();
      });
      m.actor('first', [adds('a', x)]);
      m.actor('second', [locks]);
      m.actor('third', [startsAfter([{ actor: 0, calls: 1 }], locks)]);
    });
    stepAll(executor, [1, 0]);
    expect(runnableOf(executor)).toEqual([1]);
    stepAll(executor, [1]);
    expect(runnableOf(executor)).toEqual([2]);
    executor.reset();
    stepAll(executor, [1, 1]);
    expect(runnableOf(executor)).toEqual([0]);
  });

  it('that wait for calls do so even where the cell that they wait for next would let them', async () => {
    const executor = await executorOf((m) => {
      const x = m.cell('x');
      const y = m.cell('y');
      m.actor('first', [adds('a', x), adds('b', x)]);
      m.actor('second', [
        startsAfter(
          [{ actor: 0, calls: 2 }],
          call('waits', function* waits() {
            yield* y.waitUntil((value) => value === 0);
          }),
        ),
      ]);
      m.actor('third', [
        adds('c', y),
        call('back', function* back() {
          yield* y.add(-1);
        }),
      ]);
    });
    // Whether y lets it is known from the second run on.
    for (let run = 0; run < 2; run++) {
      executor.reset();
      expect(runnableOf(executor)).toEqual([0, 2]);
      stepAll(executor, [2, 2, 0]);
      expect(runnableOf(executor)).toEqual([0]);
      stepAll(executor, [0]);
      expect(runnableOf(executor)).toEqual([1]);
      stepAll(executor, [1]);
    }
  });

  it('may begin with the head of a loop, and only wait for others the first time', async () => {
    const executor = await executorOf((m) => {
      const x = m.cell('x');
      m.actor('first', [adds('a', x)]);
      m.actor('second', [
        startsAfter(
          [{ actor: 0, calls: 1 }],
          call('spins', function* spins() {
            const again = yield* here();
            if ((yield* x.read()) === 1) yield* again();
          }),
        ),
      ]);
    });
    stepAll(executor, [0]);
    expect(stepAll(executor, [1])).toBe(StepFlag.Again);
    expect(runnableOf(executor)).toEqual([1]);
  });

  it('start with no register but their own identities', async () => {
    const executor = await executorOf((m) => {
      const items = m.domain('item', 3);
      const refs = m.cells('ref', 1, { refTo: items });
      m.actor('task', [
        call(
          'reads',
          function* reads(item: import('../../../src/core/ops/ref.js').Ref) {
            yield* refs.at(0).write(item);
            yield* refs.at(0).read();
            yield* refs.at(0).write(null);
          },
          items.id(2),
        ),
        adds('a', m.cell('x')),
      ]);
    });
    const registers = (): number[] => [0, 1].map((register) => executor.state[executor.registerWord(0, register)]);
    expect(registers()).toEqual([3, 0]);
    stepAll(executor, [0, 0]);
    expect(registers()).toEqual([3, 3]);
    stepAll(executor, [0]);
    expect(registers()).toEqual([0, 0]);
  });
});

describe('runs', () => {
  it('start afresh, whatever the one before came to', async () => {
    const executor = await executorOf((m) => {
      const x = m.cell('x', { initial: 4 });
      const lock = m.mutex('lock');
      m.always('small', [x], (value) => value < 6);
      m.actors(
        'task',
        2,
        () =>
          function* task() {
            yield* lock.lock();
            yield* x.add(1);
            yield* lock.unlock();
            return 9;
          },
      );
    });
    const fresh = executor.state.slice();
    for (const schedule of [[0], [0, 0, 0, 1], [1, 1, 1, 0, 0]]) {
      stepAll(executor, schedule);
      executor.reset();
      expect(executor.state).toEqual(fresh);
      expect([runnableOf(executor), executor.complete, executor.violation]).toEqual([[0, 1], false, undefined]);
    }
  });

  it('end in a deadlock when nobody can run and somebody has not finished', async () => {
    const program = await programOf((m) => {
      const a = m.mutex('a');
      const b = m.mutex('b');
      m.actor('ab', function* ab() {
        yield* a.lock();
        yield* b.lock();
        yield* b.unlock();
        yield* a.unlock();
      });
      m.actor('ba', function* ba() {
        yield* b.lock();
        yield* a.lock();
        yield* a.unlock();
        yield* b.unlock();
      });
    });
    expect(endsOf(program)).toEqual({ complete: 4, deadlock: 2 });
  });

  it('are complete when only daemons wait', async () => {
    const executor = await executorOf((m) => {
      const x = m.cell('x');
      m.actor(
        'daemon',
        function* daemon() {
          const again = yield* here();
          yield* x.waitUntil(
            (value) => value > 0,
            (value) => value - 1,
          );
          yield* again();
        },
        { daemon: true },
      );
      m.actor('task', [adds('a', x)]);
    });
    expect([runnableOf(executor), executor.complete]).toEqual([[1], false]);
    stepAll(executor, [1]);
    expect([runnableOf(executor), executor.complete]).toEqual([[0], true]);
    expect(stepAll(executor, [0])).toBe(StepFlag.Again | StepFlag.Rests);
    expect([runnableOf(executor), executor.complete]).toEqual([[], true]);
  });

  it('of other scripts than the program own leave its calls out', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      m.actor('first', [adds('a', x, 1), adds('b', x, 2)]);
      m.actor('second', [adds('c', x, 3)]);
    });
    const [first, second] = program.actors;
    const executor = new Executor(program, [
      { ...first, calls: [first.calls[1]] },
      { ...second, calls: [] },
    ]);
    expect(runnableOf(executor)).toEqual([0]);
    stepAll(executor, [0]);
    expect([executor.complete, executor.resultOf(0, 0), executor.state[0]]).toEqual([true, 2, 1]);
  });

  it('of two executors do not disturb each other, though they share an automaton', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      m.actors(
        'task',
        2,
        () =>
          function* long() {
            // More local states than fit the automaton's first arrays.
            for (let i = 0; i < 150; i++) yield* x.fetchAdd(1);
          },
      );
    });
    const left = new Executor(program);
    const right = new Executor(program);
    for (let step = 0; step < 150; step++) {
      left.step(0);
      if (step % 2 === 0) right.step(1);
    }
    expect([left.state[0], right.state[0]]).toEqual([150, 75]);
    while (right.runnableCount > 0) right.step(right.runnable[0]);
    expect([right.state[0], right.complete, left.complete]).toEqual([300, true, false]);
  });
});

describe('a step', () => {
  it('answers a choice, and says before how many outcomes there are', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      m.actor('task', function* chooses() {
        yield* x.add(1);
        return (yield* choose(3, 'which')) * 10 + (yield* choose(2, 'other'));
      });
    });
    const executor = new Executor(program);
    expect(executor.choicesOf(0)).toBe(0);
    stepAll(executor, [0]);
    expect(executor.choicesOf(0)).toBe(3);
    executor.step(0, 2);
    expect(executor.choicesOf(0)).toBe(2);
    executor.step(0, 1);
    expect([executor.resultOf(0, 0), executor.choicesOf(0)]).toEqual([21, 0]);
    expect(answersOf(program, (end) => end.resultOf(0, 0))).toEqual([0, 1, 10, 11, 20, 21]);
  });

  it('of an actor that cannot run is the mistake of an engine and names the op', async () => {
    const executor = await executorOf((m) => {
      const x = m.cell('x');
      m.actor('waits', function* waits() {
        yield* x.waitUntil((value) => value > 0);
      });
      m.actor('done', function* done() {});
    });
    expect(() => executor.step(0)).toThrow(
      'waits cannot run "wait until x" in its call now; an engine may only step actors that are runnable',
    );
    expect(() => executor.step(1)).toThrow('an actor that has finished cannot take a step');
  });

  it('that is refused leaves the actor where it is, and the state as it was', async () => {
    const executor = await executorOf((m) => {
      const lock = m.mutex('lock');
      const x = m.cell('x');
      m.actor('task', function* task() {
        yield* x.write(1);
        yield* lock.unlock();
        yield* x.write(2);
      });
    });
    stepAll(executor, [0]);
    const before = executor.state.slice();
    expect(stepAll(executor, [0])).toBe(StepFlag.Violation);
    expect(executor.state).toEqual(before);
    expect(executor.violation?.kind).toBe('lock-misuse');
  });

  it('after a violation speaks for itself again', async () => {
    const executor = await executorOf((m) => {
      const x = m.cell('x');
      m.always('not one', [x], (value) => value !== 1);
      m.actor('task', function* task() {
        yield* x.write(1);
        yield* x.write(2);
        yield* x.write(2);
        yield* x.write(3);
      });
    });
    for (let run = 0; run < 2; run++) {
      executor.reset();
      expect(stepAll(executor, [0])).toBe(StepFlag.Violation);
      expect(executor.violation?.rule).toBe('not one');
      expect(stepAll(executor, [0])).toBe(0);
      expect(executor.violation).toBeUndefined();
      expect(stepAll(executor, [0, 0])).toBe(StepFlag.CallEnd | StepFlag.Rests);
    }
  });

  it('that breaks a check goes on to the next op, and others are told what it changed', async () => {
    const executor = await executorOf((m) => {
      const x = m.cell('x');
      m.always('not one', [x], (value) => value !== 1);
      m.actor('breaks', function* breaks() {
        yield* x.write(1);
        yield* x.write(0);
      });
      m.actor('waits', function* waits() {
        yield* x.waitUntil((value) => value === 1);
      });
    });
    expect(runnableOf(executor)).toEqual([0]);
    expect(stepAll(executor, [0])).toBe(StepFlag.Violation);
    expect(runnableOf(executor)).toEqual([0, 1]);
  });

  it('tells an observer every op with its word, what was there and the result', async () => {
    const executor = await executorOf((m) => {
      const x = m.cell('x', { initial: 3 });
      const lock = m.mutex('lock');
      m.actor('task', function* task() {
        yield* x.fetchAdd(1);
        yield* choose(2, 'which');
        yield* lock.unlock();
      });
    });
    const seen: number[][] = [];
    executor.observer = (actor, _, word, before, result) => seen.push([actor, word, before, result]);
    executor.step(0);
    executor.step(0, 1);
    executor.step(0);
    expect(seen).toEqual([
      [0, 0, 3, 3],
      [0, -1, 0, 1],
      [0, 1, 0, 0],
    ]);
    executor.observer = undefined;
    executor.reset();
    executor.step(0);
    expect(seen.length).toBe(3);
  });
});

describe('a pending op', () => {
  it('shows its word and whether it may write it', async () => {
    const executor = await executorOf((m) => {
      const items = m.domain('item', 2);
      const cells = m.cells('cell', 2);
      m.actor('task', [
        call(
          'task',
          function* task(item: import('../../../src/core/ops/ref.js').Ref) {
            yield* cells.at(item).read();
            yield* cells.at(0).write(1);
            yield* choose(2, 'which');
          },
          items.id(1),
        ),
      ]);
    });
    const pending = (): [number, boolean] => [executor.pendingWord(0), executor.pendingWrites(0)];
    expect(pending()).toEqual([1, false]);
    stepAll(executor, [0]);
    expect(pending()).toEqual([0, true]);
    stepAll(executor, [0]);
    expect(pending()).toEqual([-1, false]);
    stepAll(executor, [0]);
    expect(pending()).toEqual([-1, false]);
  });
});

it.each([30, 31, 60, 61, 240])('%i actors are listed and counted', async (count) => {
  const build = (count: number) => (m: ModelBuilder) => {
    const x = m.cell('x');
    m.actors(
      'task',
      count,
      () =>
        function* task() {
          yield* x.add(1);
        },
    );
  };
  const executor = new Executor(await programOf(build(count)));
  const all = Array.from({ length: count }, (_, actor) => actor);
  expect([runnableOf(executor), all.map((place) => executor.runnableAt(place))]).toEqual([all, all]);
  executor.step(4);
  expect([executor.runnableAt(3), executor.runnableAt(4), executor.runnableCount]).toEqual([3, 5, count - 1]);
  while (executor.runnableCount > 0) executor.step(executor.runnable[executor.runnableCount - 1]);
  expect([executor.state[0], executor.complete]).toEqual([count, true]);
});

it('more actors than a trace has numbers for are refused', async () => {
  const program = await programOf((m) => {
    const x = m.cell('x');
    m.actors(
      'task',
      241,
      () =>
        function* task() {
          yield* x.add(1);
        },
    );
  });
  expect(() => new Executor(program)).toThrow('has 241 actors; an engine that chooses every step runs at most 240');
});
