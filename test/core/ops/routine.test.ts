/** Atomic sections: several ops, one step. Frames and loops are tested with the automaton that follows them. */
import { describe, expect, it } from 'vitest';
import { choose } from '../../../src/core/ops/choice.js';
import { atomic } from '../../../src/core/ops/routine.js';
import { Executor } from '../../../src/core/run/executor.js';
import { StepFlag } from '../../../src/core/run/step-flag.js';
import { answersOf, endsOf, programOf, runnableOf, stepAll } from '../every-run.js';

describe('an atomic section', () => {
  it('is one step: nobody gets in between', async () => {
    const build = (together: boolean) =>
      programOf((m) => {
        const x = m.cell('x');
        m.actors(
          'task',
          2,
          () =>
            function* task() {
              const increment = function* increment() {
                yield* x.write((yield* x.read()) + 1);
              };
              yield* together ? atomic('increment', increment) : increment();
            },
        );
      });
    const end = (executor: Executor): number => executor.state[0];
    expect(answersOf(await build(true), end)).toEqual([2]);
    expect(answersOf(await build(false), end)).toEqual([1, 2]);
    expect(endsOf(await build(true))).toEqual({ complete: 2 });
  });

  it('may wait at its first op', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      const y = m.cell('y');
      m.actor('waits', function* waits() {
        yield* atomic('section', function* () {
          yield* x.waitUntil((value) => value === 1);
          yield* y.write(1);
        });
      });
      m.actor('writes', function* writes() {
        yield* x.write(1);
      });
    });
    const executor = new Executor(program);
    expect(runnableOf(executor)).toEqual([1]);
    stepAll(executor, [1, 0]);
    expect([executor.state[1], executor.complete]).toEqual([1, true]);
  });

  it('that would have to wait further on is refused by name', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      m.actor('task', function* task() {
        yield* atomic('section', function* () {
          yield* x.write(1);
          yield* x.waitUntil((value) => value === 0);
        });
      });
    });
    const executor = new Executor(program);
    expect(() => executor.step(0)).toThrow(
      'task cannot run "wait until x" in section now; an op that may wait must be the first of an atomic section',
    );
  });

  it('may hold an op that could wait but need not', async () => {
    const program = await programOf((m) => {
      const lock = m.mutex('lock');
      m.actor('task', function* task() {
        yield* atomic('section', function* () {
          yield* lock.lock();
          yield* lock.unlock();
          yield* lock.lock();
        });
      });
    });
    const executor = new Executor(program);
    stepAll(executor, [0]);
    expect([executor.state[0], executor.complete]).toEqual([1, true]);
  });

  it('chooses at its first op or not at all', async () => {
    const first = await programOf((m) => {
      const x = m.cell('x');
      m.actor('task', function* task() {
        yield* atomic('section', function* () {
          yield* x.write((yield* choose(3, 'which')) + 1);
        });
      });
    });
    expect(answersOf(first, (executor) => executor.state[0])).toEqual([1, 2, 3]);
    const later = await programOf((m) => {
      const x = m.cell('x');
      m.actor('task', function* task() {
        yield* atomic('section', function* () {
          yield* x.write(1);
          yield* choose(3, 'which');
        });
      });
    });
    expect(() => new Executor(later).step(0)).toThrow(
      'task chooses "which" inside section; a choice must be the first op of an atomic section',
    );
  });

  it('within another is part of it', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      m.actor('task', function* task() {
        yield* atomic('outer', function* () {
          yield* x.add(1);
          yield* atomic('inner', function* () {
            yield* x.add(1);
          });
          yield* x.add(1);
        });
        yield* x.add(1);
      });
    });
    const executor = new Executor(program);
    stepAll(executor, [0]);
    expect(executor.state[0]).toBe(3);
    stepAll(executor, [0]);
    expect([executor.state[0], executor.complete]).toEqual([4, true]);
  });

  it('ends a call with its last op', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      m.actor('task', function* task() {
        yield* atomic('section', function* () {
          yield* x.add(1);
          yield* x.add(1);
        });
      });
    });
    expect(stepAll(new Executor(program), [0])).toBe(StepFlag.CallEnd | StepFlag.Rests);
  });

  it('that is broken off by a refusal says so and wakes who waits for what it did', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      const lock = m.mutex('lock');
      m.actor('task', function* task() {
        yield* atomic('section', function* () {
          yield* x.write(1);
          yield* lock.unlock();
        });
      });
      m.actor('waits', function* waits() {
        yield* x.waitUntil((value) => value === 1);
      });
    });
    const executor = new Executor(program);
    expect(stepAll(executor, [0])).toBe(StepFlag.Violation);
    expect(executor.canRun(1)).toBe(true);
  });
});
