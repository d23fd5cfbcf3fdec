/** SRCU: a grace period ends when the read sections that had begun have ended, and not later. */
import { expect, it } from 'vitest';
import type { Program } from '../../src/core/program/program.js';
import { Executor } from '../../src/core/run/executor.js';
import type { ModelBuilder } from '../../src/model/model-builder.js';
import type { Srcu } from '../../src/primitives/srcu.js';
import { endsOf, everyRun, programOf, runnableOf, stepAll } from '../core/every-run.js';

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

it('a section within a section under the same index is a finding, because it could not be counted', async () => {
  const program = await programOf((m) => {
    const srcu = m.srcu('srcu');
    m.actor('reader', function* nests() {
      yield* srcu.readLock();
      yield* srcu.readLock();
    });
  });
  everyRun(program, (executor, end) => {
    expect(end).toBe('violation');
    expect(executor.violation?.words).toContain('in a read section already');
  });
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
