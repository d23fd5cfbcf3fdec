/** SRCU: a grace period ends when the read sections that had begun have ended, and not later. */
import { describe, expect, it } from 'vitest';
import type { Routine } from '../../src/core/ops/routine.js';
import type { Program } from '../../src/core/program/program.js';
import { Executor } from '../../src/core/run/executor.js';
import { StepFlag } from '../../src/core/run/step-flag.js';
import type { ModelBuilder } from '../../src/model/model-builder.js';
import type { Srcu } from '../../src/primitives/srcu.js';
import { answersOf, endsOf, everyRun, programOf, runnableOf, stepAll } from '../core/every-run.js';

/** An updater that unpublishes, waits and frees, beside readers that look at what is published. */
function freesWhatReadersSee(m: ModelBuilder, readers: number, guarded: boolean): void {
  const srcu = m.srcu('srcu');
  const published = m.cell('published', { initial: 1 });
  const freed = m.cell('freed');
  const bad = m.ghost('bad');
  m.always('no reader sees freed memory', [bad], (value) => value === 0);
  m.actors(
    'reader',
    readers,
    () =>
      function* reads() {
        const index = guarded ? yield* srcu.readLock() : 0;
        if ((yield* published.read()) === 1) {
          yield* freed.apply('use', 'none', {}).record(bad, (value, seen) => value | seen);
        }
        if (guarded) yield* srcu.readUnlock(index);
      },
  );
  m.actor('updater', function* frees() {
    yield* published.write(0);
    yield* srcu.synchronize();
    yield* freed.write(1);
  });
}

it('synchronize waits for every reader that had begun', async () => {
  const program = await programOf((m) => freesWhatReadersSee(m, 2, true));
  expect(Object.keys(endsOf(program))).toEqual(['complete']);
});

it('without read sections a reader sees freed memory', async () => {
  const program = await programOf((m) => freesWhatReadersSee(m, 1, false));
  expect(endsOf(program).violation).toBeGreaterThan(0);
});

function reader(srcu: Srcu) {
  return function* reads() {
    const index = yield* srcu.readLock();
    yield* srcu.readUnlock(index);
  };
}

async function readersAndUpdaters(updaters: number): Promise<Program> {
  return programOf((m) => {
    const srcu = m.srcu('srcu');
    m.actors('reader', 2, () => reader(srcu));
    m.actors('updater', updaters, () => () => srcu.synchronize());
  });
}

it('synchronize does not wait for readers that began after its flip', async () => {
  const executor = new Executor(await readersAndUpdaters(1));
  // Reader 0 begins, the updater takes the grace-period lock and flips, reader 1 begins.
  stepAll(executor, [0, 2, 2, 1]);
  expect(runnableOf(executor)).toEqual([0, 1]);
  stepAll(executor, [0]);
  expect(runnableOf(executor)).toEqual([1, 2]);
  stepAll(executor, [2, 2]);
  expect(executor.nodeOf(2)).toBe(0);
  expect(executor.canRun(1)).toBe(true);
});

it('the next grace period waits for the readers of the one before', async () => {
  const executor = new Executor(await readersAndUpdaters(2));
  // The first updater goes through; reader 0 begins under the new index; the second has to wait for it.
  stepAll(executor, [2, 2, 2, 2, 0, 3, 3]);
  expect(runnableOf(executor)).toEqual([0, 1]);
  stepAll(executor, [0]);
  expect(executor.canRun(3)).toBe(true);
});

it('two grace periods follow one another and everybody finishes', async () => {
  expect(Object.keys(endsOf(await readersAndUpdaters(2)))).toEqual(['complete']);
});

it('entering is one step', async () => {
  const executor = new Executor(await readersAndUpdaters(1));
  stepAll(executor, [0, 0]);
  expect(executor.nodeOf(0)).toBe(0);
});

it('an unlock without a read section is a finding', async () => {
  const program = await programOf((m) => {
    const srcu = m.srcu('srcu');
    m.actor('reader', () => srcu.readUnlock(0));
  });
  everyRun(program, (executor, end) => {
    expect(end).toBe('violation');
    expect(executor.violation).toMatchObject({ kind: 'lock-misuse', words: expect.stringContaining('no such read') });
  });
});

it('a grace period waits for the last of the sections that a reader is in', async () => {
  const program = await programOf((m) => {
    const srcu = m.srcu('srcu');
    m.actor('reader', function* nests() {
      const outer = yield* srcu.readLock();
      const inner = yield* srcu.readLock();
      yield* srcu.readUnlock(outer);
      yield* srcu.readUnlock(inner);
    });
    m.actor('updater', () => srcu.synchronize());
  });
  const executor = new Executor(program);
  stepAll(executor, [0, 0, 1, 1]);
  expect(runnableOf(executor)).toEqual([0]);
  stepAll(executor, [0]);
  expect(runnableOf(executor)).toEqual([0]);
  stepAll(executor, [0]);
  expect(runnableOf(executor)).toEqual([1]);
});

it('a section may begin under the other index than the one that it lies in', async () => {
  const program = await programOf((m) => {
    const srcu = m.srcu('srcu');
    m.actor('reader', function* nests() {
      const outer = yield* srcu.readLock();
      const inner = yield* srcu.readLock();
      yield* srcu.readUnlock(inner);
      yield* srcu.readUnlock(outer);
      return outer + 2 * inner;
    });
    m.actor('updater', () => srcu.synchronize());
  });
  // Both under 0, the second under 1, both under 1.
  expect(answersOf(program, (executor) => executor.resultOf(0, 0))).toEqual([0, 2, 3]);
  expect(Object.keys(endsOf(program))).toEqual(['complete']);
});

it.each([undefined, 2, 6])(
  'sections nest as deep as was declared (%s), and a section too many names the bound',
  async (nesting) => {
    const bound = nesting ?? 4;
    const nested = (deep: number): Promise<Program> =>
      programOf((m) => {
        const srcu = m.srcu('srcu', nesting === undefined ? {} : { nesting });
        m.actor('reader', function* nests() {
          const all: number[] = [];
          for (let i = 0; i < deep; i++) all.push(yield* srcu.readLock());
          for (const index of all) yield* srcu.readUnlock(index);
        });
      });
    expect(endsOf(await nested(bound))).toEqual({ complete: 1 });
    const tooDeep = await nested(bound + 1);
    expect(() => endsOf(tooDeep)).toThrow(
      `srcu_read_lock(srcu): a task nests srcu more than ${bound} deep; declare it with room for more, such as { nesting: ${2 * bound} }`,
    );
  },
);

it.each([0, 33, 1.5, '2'])('nesting %s is refused', async (nesting) => {
  await expect(programOf((m) => void m.srcu('srcu', { nesting: nesting as number }))).rejects.toThrow(
    /srcu\("srcu"\) nests .* deep; that is a whole number from 1 to 32/,
  );
});

it('a reader that waits for its own grace period is a deadlock', async () => {
  const program = await programOf((m) => {
    const srcu = m.srcu('srcu');
    m.actor('reader', function* stuck() {
      yield* srcu.readLock();
      yield* srcu.synchronize();
    });
  });
  expect(endsOf(program)).toEqual({ deadlock: 1 });
});

describe.each([0, 1])('with the index at %i, by the counters of kernel/rcu/srcutree.c', (current) => {
  /** Sections that the reader and another task are in, under index 0 and 1. */
  const depths = [0, 1, 2].flatMap((own) => [0, 1].map((other) => ({ own, other })));

  async function at(
    own: number,
    other: number,
    index: number,
    does: (srcu: Srcu) => Routine<unknown>,
  ): Promise<Executor> {
    const bases: number[] = [];
    let indexWord = -1;
    const program = await programOf((m) => {
      const srcu = m.srcu('srcu');
      const idle = m.cell('idle');
      bases.push(...srcu.readers.map(({ region }) => region.base));
      indexWord = srcu.index.region.base;
      m.actor('self', () => does(srcu));
      m.actor('other', function* waits() {
        yield* idle.write(1);
      });
    });
    const executor = new Executor(program);
    const words = executor.state.slice();
    words[indexWord] = current;
    for (let depth = 0; depth < own; depth++) words[bases[index] + depth] |= 1;
    for (let depth = 0; depth < other; depth++) words[bases[index] + depth] |= 2;
    executor.load(words);
    return executor;
  }

  it.each(depths)(
    '__srcu_read_lock() counts up whoever reads ($own, $other), and returns the index',
    async ({ own, other }) => {
      const executor = await at(own, other, current, (srcu) => srcu.readLock());
      expect(executor.step(0) & StepFlag.Violation).toBe(0);
      expect(executor.resultOf(0, 0)).toBe(current);
    },
  );

  it.each(depths)('__srcu_read_unlock() counts down what was counted up ($own, $other)', async ({ own, other }) => {
    for (const index of [0, 1]) {
      const executor = await at(own, other, index, (srcu) => srcu.readUnlock(index));
      expect((executor.step(0) & StepFlag.Violation) !== 0).toBe(own === 0);
    }
  });

  it.each(depths)(
    '__synchronize_srcu() waits while locks and unlocks of the old index differ ($own, $other)',
    async ({ own, other }) => {
      for (const index of [0, 1]) {
        const executor = await at(own, other, index, (srcu) => srcu.synchronize());
        stepAll(executor, [0, 0]);
        expect(executor.canRun(0)).toBe(index !== current || own + other === 0);
      }
    },
  );
});
