/** Checks: when they are asked, what they may answer, and which of several findings a step reports. */
import assert from 'node:assert/strict';
import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import type { FindingKind } from '../../../src/core/finding-kind.js';
import { compute } from '../../../src/core/ops/choice.js';
import { atomic } from '../../../src/core/ops/routine.js';
import { Executor } from '../../../src/core/run/executor.js';
import { StepFlag } from '../../../src/core/run/step-flag.js';
import type { ModelBuilder } from '../../../src/model/model-builder.js';
import { endsOf, programOf, stepAll } from '../every-run.js';

/** Refuses whatever it is sent. */
const refusing = setup({}).createMachine({
  id: 'thing',
  initial: 'whole',
  states: {
    whole: { on: { BREAK: 'broken' } },
    broken: { tags: 'violation', meta: { kind: 'assertion', words: 'it breaks' } },
  },
});

describe('an always check', () => {
  it('is asked with the values of its cells, in order, when one of them has changed', async () => {
    const asked: number[][] = [];
    const program = await programOf((m) => {
      const cells = m.cells('cell', 4);
      const ghost = m.ghost('ghost');
      m.always('all', [cells.at(2), cells.at(0), ghost], (...values) => {
        asked.push(values);
        return true;
      });
      m.actor('task', function* task() {
        yield* cells.at(0).write(1);
        yield* cells.at(0).write(1);
        yield* cells.at(0).read();
        yield* cells.at(1).write(5);
        yield* cells
          .at(1)
          .write(6)
          .record(ghost, () => 9);
        yield* cells.at(2).write(2);
      });
    });
    const executor = new Executor(program);
    while (executor.runnableCount > 0) executor.step(0);
    expect(asked).toEqual([
      [0, 1, 0],
      [0, 1, 9],
      [2, 1, 9],
    ]);
  });

  it.each([1, 2, 3, 4, 5])('may look at %d cells', async (count) => {
    const program = await programOf((m) => {
      const cells = m.cells('cell', 5);
      const all = Array.from({ length: count }, (_, i) => cells.at(i));
      m.always('sum', all, (...values) => values.reduce((a, b) => a + b) < 1 || `${values}`);
      m.actor('task', function* task() {
        yield* cells.at(count - 1).write(1);
      });
    });
    const executor = new Executor(program);
    expect(stepAll(executor, [0]) & StepFlag.Violation).toBe(StepFlag.Violation);
    expect(executor.violation?.words).toBe([...new Array(count - 1).fill(0), 1].join());
  });

  it('that says false is reported by its name, as an assertion', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      m.always('never one', [x], (value) => value !== 1);
      m.actor('task', function* task() {
        yield* x.write(1);
      });
    });
    const executor = new Executor(program);
    stepAll(executor, [0]);
    expect(executor.violation).toEqual({
      kind: 'assertion',
      words: '"never one" no longer holds',
      rule: 'never one',
    });
  });

  it('that says what is wrong is reported in its words, as the kind it names', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      m.always('never one', [x], (value) => value !== 1 || `x is ${value}`, { kind: 'leak' });
      m.actor('task', function* task() {
        yield* x.write(1);
      });
    });
    const executor = new Executor(program);
    stepAll(executor, [0]);
    expect(executor.violation).toEqual({ kind: 'leak', words: 'x is 1', rule: 'never one' });
  });

  it('that throws does not hold, and has what it throws for words', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      m.always('asserts', [x], (value) => {
        assert.equal(value, 0, 'somebody wrote');
        return true;
      });
      m.actor('task', function* task() {
        yield* x.write(1);
      });
    });
    const executor = new Executor(program);
    stepAll(executor, [0]);
    expect(executor.violation?.words).toMatch(/^somebody wrote 1 !== 0 \(checks\.test\.ts:\d+\)$/);
  });

  it.each([undefined, 0, null])('that answers %j is no check', async (answer) => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      m.always('forgot to return', [x], (() => answer) as never);
      m.actor('task', function* task() {
        yield* x.write(1);
      });
    });
    const executor = new Executor(program);
    expect(() => stepAll(executor, [0])).toThrow(
      /^check "forgot to return" \(checks\.test\.ts:\d+\) returns \S+; it returns true when all is well/,
    );
  });

  it.each([false, ''])(
    'that says nothing does not count as holding, and has its name for words: %j',
    async (answer) => {
      const program = await programOf((m) => {
        const x = m.cell('x');
        m.always('forgot to return', [x], (() => answer) as never);
        m.actor('task', function* task() {
          yield* x.write(1);
        });
      });
      const executor = new Executor(program);
      stepAll(executor, [0]);
      expect(executor.violation?.words).toBe('"forgot to return" no longer holds');
    },
  );

  it('may name one cell twice', async () => {
    let asked = 0;
    const program = await programOf((m) => {
      const x = m.cell('x');
      m.always('twice', [x, x], (a, b) => {
        asked++;
        return a === b;
      });
      m.actor('task', function* task() {
        yield* x.write(1);
      });
    });
    stepAll(new Executor(program), [0]);
    expect(asked).toBe(1);
  });

  it.each([
    [2, 0],
    [1, StepFlag.Violation],
  ])('is asked after a whole atomic section, not in its midst: %d at its end', async (last, flag) => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      m.always('never one', [x], (value) => value !== 1);
      m.actor('task', function* task() {
        yield* atomic('section', function* () {
          yield* x.write(1);
          yield* x.write(last);
        });
      });
    });
    const executor = new Executor(program);
    expect(stepAll(executor, [0])).toBe(flag | StepFlag.CallEnd | StepFlag.Rests);
    expect(executor.violation?.rule).toBe(flag === 0 ? undefined : 'never one');
  });

  it('blames the op of a section that changed last what it looks at', async () => {
    const program = await programOf((m) => {
      const [x, y, z] = [m.cell('x'), m.cell('y'), m.cell('z')];
      m.always('equal', [x, y], (a, b) => a === b);
      m.actor('task', function* task() {
        yield* atomic('section', function* () {
          yield* x.write(1);
          yield* y.write(2);
          yield* z.write(3);
        });
      });
    });
    const executor = new Executor(program);
    stepAll(executor, [0]);
    expect(program.automaton.opOf(executor.brokenBy).spec.region?.name).toBe('y');
  });

  it('is asked of a computation and of an op with all that it records as a whole', async () => {
    const asked: number[][] = [];
    const program = await programOf((m) => {
      const [x, y] = [m.cell('x'), m.cell('y')];
      const mirror = m.ghost('mirror');
      m.always('equal', [x, y, mirror], (...values) => {
        asked.push(values);
        return true;
      });
      m.actor('task', function* task() {
        yield* compute<void>(
          'both',
          [x, y],
          (values) => {
            values[0] = 1;
            values[1] = 2;
          },
          { writes: true },
        ).record(mirror, () => 3);
      });
    });
    stepAll(new Executor(program), [0]);
    expect(asked).toEqual([[1, 2, 3]]);
  });

  it('is not asked of a step that a machine refused in its midst', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      const things = m.objects('thing', refusing, 1);
      m.always('never one', [x], (value) => value !== 1, { kind: 'leak' });
      m.actor('task', function* task() {
        yield* atomic('section', function* () {
          yield* x.write(1);
          yield* things.at(0).send('BREAK');
        });
      });
    });
    const executor = new Executor(program);
    expect(stepAll(executor, [0])).toBe(StepFlag.Violation);
    expect(executor.violation?.words).toBe('it breaks');
    executor.reset();
    expect(executor.violation).toBeUndefined();
  });

  it('is asked of the initial state, when that is asked for', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x', { initial: 5 });
      m.always('small', [x], (value) => value <= 1 || 'x is too large');
      m.actor('task', function* task() {
        yield* x.read();
      });
    });
    const executor = new Executor(program);
    expect(executor.checkInitially()).toEqual({ kind: 'assertion', words: 'x is too large', rule: 'small' });
    expect(executor.brokenBy).toBe(-1);
  });

  it('cannot name a cell by a ref', async () => {
    const program = programOf((m) => {
      const items = m.domain('item', 2);
      const cells = m.cells('cell', 2);
      m.actor('task', [
        {
          ...{ name: 'task', args: [items.id(0)], after: [] },
          *routine(item: never) {
            m.always('late', [cells.at(item)], () => true);
          },
        },
      ]);
    });
    await expect(program).rejects.toThrow('check "late" names a cell by a ref; name it by position');
  });
});

describe('of several findings of one step', () => {
  async function kindOf(kinds: readonly FindingKind[], inOneSection = false): Promise<FindingKind | undefined> {
    const program = await programOf((m: ModelBuilder) => {
      const cells = m.cells('cell', kinds.length);
      const x = m.cell('x');
      kinds.forEach((kind, i) => {
        m.always(kind, [inOneSection ? cells.at(i) : x], (value) => value === 0, { kind });
      });
      m.actor('task', function* task() {
        if (!inOneSection) yield* x.write(1);
        else {
          yield* atomic('section', function* () {
            for (let i = 0; i < kinds.length; i++) yield* cells.at(i).write(1);
          });
        }
      });
    });
    const executor = new Executor(program);
    stepAll(executor, [0]);
    return executor.violation?.kind;
  }

  it.each<[FindingKind, FindingKind[]]>([
    ['use-after-free', ['assertion', 'use-after-free', 'leak']],
    ['host-rmp-fault', ['leak', 'host-rmp-fault', 'free-while-assigned']],
    ['leak', ['lock-misuse', 'leak', 'lost-write']],
    ['assertion', ['assertion']],
  ])('%s is reported', async (expected, kinds) => {
    expect(await kindOf(kinds)).toBe(expected);
    expect(await kindOf(kinds, true)).toBe(expected);
  });

  it('the first of two equally urgent ones is reported', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      m.always('first', [x], (value) => value === 0);
      m.always('second', [x], (value) => value === 0);
      m.actor('task', function* task() {
        yield* x.write(1);
      });
    });
    const executor = new Executor(program);
    stepAll(executor, [0]);
    expect(executor.violation?.rule).toBe('first');
  });
});

describe('a final check', () => {
  it('is asked when every actor has finished, and only of finished runs', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      m.finally('all counted', [x], (value) => value === 2 || 'a deposit was lost');
      m.actors(
        'teller',
        2,
        () =>
          function* deposit() {
            yield* x.write((yield* x.read()) + 1);
          },
      );
    });
    expect(endsOf(program)).toEqual({ complete: 2, violation: 4 });
    const executor = new Executor(program);
    stepAll(executor, [0, 1, 0, 1]);
    expect(executor.violation).toBeUndefined();
    expect(executor.checkFinally()).toEqual({ kind: 'assertion', words: 'a deposit was lost', rule: 'all counted' });
  });

  it('has nothing to say of a run that ended well', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      m.finally('one', [x], (value) => value === 1);
      m.actor('task', function* task() {
        yield* x.write(1);
      });
    });
    const executor = new Executor(program);
    stepAll(executor, [0]);
    expect(executor.checkFinally()).toBeUndefined();
  });
});

it('a check may look at the holders of a lock that others wait for', async () => {
  const program = await programOf((m) => {
    const mutex = m.mutex('mutex');
    m.always('not both', [mutex.latch], (holders) => holders !== 3);
    m.actors(
      'task',
      2,
      () =>
        function* task() {
          yield* mutex.lock();
          yield* mutex.unlock();
        },
    );
  });
  const executor = new Executor(program);
  executor.step(0);
  expect(executor.canRun(1)).toBe(false);
  executor.step(0);
  expect([...executor.runnable.subarray(0, executor.runnableCount)]).toEqual([1]);
});
