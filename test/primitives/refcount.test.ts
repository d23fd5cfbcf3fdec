/** Reference counts keep the rules of refcount_t. */
import { expect, it } from 'vitest';
import type { Routine } from '../../src/core/ops/routine.js';
import { Executor } from '../../src/core/run/executor.js';
import { StepFlag } from '../../src/core/run/step-flag.js';
import type { RefCount } from '../../src/primitives/refcount.js';
import { answersOf, everyRun, programOf, stepAll } from '../core/every-run.js';

async function runOf(initial: number, body: (count: RefCount) => Routine<unknown>): Promise<Executor> {
  const program = await programOf((m) => {
    const count = m.refcount('count', { initial });
    m.actor('task', () => body(count));
  });
  const executor = new Executor(program);
  while (executor.runnableCount > 0 && (executor.step(0) & StepFlag.Violation) === 0);
  return executor;
}

const AFTER_ZERO = {
  kind: 'use-after-free',
  words: 'the object is used although its last reference is gone',
};

it('get on a count of zero is a use after free', async () => {
  const executor = await runOf(0, (count) => count.get()[Symbol.iterator]() as Routine);
  expect(executor.violation).toEqual({ ...AFTER_ZERO, rule: 'get(%)' });
});

it('put on a count of zero is a use after free', async () => {
  const executor = await runOf(0, function* (count) {
    return yield* count.put();
  });
  expect(executor.violation).toEqual({ ...AFTER_ZERO, rule: 'put(%)' });
});

it('a refused op changes nothing', async () => {
  const executor = await runOf(0, function* (count) {
    return yield* count.put();
  });
  expect(executor.state[0]).toBe(0);
});

it('getUnlessZero leaves a count of zero alone and says so', async () => {
  const executor = await runOf(0, function* (count) {
    return yield* count.getUnlessZero();
  });
  expect([executor.violation, executor.resultOf(0, 0), executor.state[0]]).toEqual([undefined, 0, 0]);
});

it('getUnlessZero takes a reference when there is one left', async () => {
  const executor = await runOf(1, function* (count) {
    return yield* count.getUnlessZero();
  });
  expect([executor.violation, executor.resultOf(0, 0), executor.state[0]]).toEqual([undefined, 1, 2]);
});

it('put says who dropped the last reference: exactly one of three', async () => {
  const program = await programOf((m) => {
    const count = m.refcount('count', { initial: 3 });
    m.actors(
      'task',
      3,
      () =>
        function* drops() {
          return yield* count.put();
        },
    );
  });
  const last = (executor: Executor): number => [0, 1, 2].reduce((sum, actor) => sum + executor.resultOf(actor, 0), 0);
  expect(answersOf(program, last)).toEqual([1]);
});

it('a reference taken without the check is caught in the interleaving in which it comes too late', async () => {
  const program = await programOf((m) => {
    const count = m.refcount('count');
    m.actor('owner', function* drops() {
      yield* count.put();
    });
    m.actor('task', function* takes() {
      yield* count.get();
    });
  });
  const ends: unknown[] = [];
  everyRun(program, (executor, end) => ends.push([end, executor.violation?.kind]));
  expect(ends).toEqual([
    ['violation', 'use-after-free'],
    ['complete', undefined],
  ]);
  const executor = new Executor(program);
  expect(stepAll(executor, [1, 0])).toBe(StepFlag.CallEnd | StepFlag.Rests);
});
