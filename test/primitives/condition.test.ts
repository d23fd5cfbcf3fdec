/** A condition variable against one whose state says who waits, where the signaller chooses whom it wakes. */
import { expect, it } from 'vitest';
import type { Cell, CellArray } from '../../src/core/ops/cell.js';
import { choose, compute } from '../../src/core/ops/choice.js';
import { atomic, type Routine } from '../../src/core/ops/routine.js';
import type { ModelBuilder } from '../../src/model/model-builder.js';
import type { Mutex } from '../../src/primitives/lock.js';
import { cellValue, endsOf, everyRun, programOf } from '../core/every-run.js';

const WAITERS = 3;

interface Waits {
  wait(self: number, lock: Mutex): Routine;
  signal(): Routine;
  broadcast(): Routine;
}

const handedOver = (m: ModelBuilder): Waits => {
  const condition = m.condition('condition');
  return {
    wait: (_, lock) => condition.wait(lock),
    *signal() {
      yield* condition.signal();
    },
    *broadcast() {
      yield* condition.broadcast();
    },
  };
};

/** By waiter: 0 does not wait, 1 waits, 2 is woken. */
const byName = (m: ModelBuilder): Waits => {
  const waits: CellArray = m.cells('waits', WAITERS);
  const all = Array.from({ length: WAITERS }, (_, i) => waits.at(i));
  return {
    *wait(self, lock) {
      yield* atomic('wait', function* () {
        yield* lock.unlock();
        yield* waits.at(self).write(1);
      });
      yield* waits.at(self).waitUntil(
        (state) => state === 2,
        () => 0,
      );
      yield* lock.lock();
    },
    *signal() {
      yield* atomic('signal', function* () {
        const which = yield* choose(WAITERS, 'whom');
        const wake = (states: number[]): void => {
          const waiting = states.flatMap((state, i) => (state === 1 ? [i] : []));
          if (waiting.length > 0) states[waiting[which % waiting.length]] = 2;
        };
        yield* compute('wake', all, wake, { writes: true });
      });
    },
    *broadcast() {
      const wake = (states: number[]): void => {
        states.forEach((state, i) => {
          if (state === 1) states[i] = 2;
        });
      };
      yield* compute('wake all', all, wake, { writes: true });
    },
  };
};

/** What can be seen of all runs: the order in which things were done, and whether the run came to its end. */
async function seen(make: (m: ModelBuilder) => Waits, wakes: readonly ('signal' | 'broadcast')[], locked: boolean) {
  let log: Cell | undefined;
  const program = await programOf((m) => {
    const waits = make(m);
    const lock = m.mutex('lock');
    const order = m.cell('order');
    log = order;
    const note = (what: number) => order.apply(`note ${what}`, 'none', { next: (value) => value * 6 + what });
    for (let i = 0; i < (wakes.length === 1 ? WAITERS : 2); i++) {
      m.actor(`waiter${i}`, function* waiter() {
        yield* lock.lock();
        yield* note(i + 1);
        yield* waits.wait(i, lock);
        yield* note(i + 1);
        yield* lock.unlock();
      });
    }
    m.actor('waker', function* waker() {
      for (const wake of wakes) {
        if (locked) yield* lock.lock();
        yield* waits[wake]();
        yield* note(4);
        if (locked) yield* lock.unlock();
      }
    });
  });
  const runs = new Set<string>();
  everyRun(program, (executor, end) => runs.add(`${cellValue(executor, log!).toString(6)} ${end}`), 3_000_000);
  return [...runs].sort();
}

it.each<[('signal' | 'broadcast')[], boolean]>([
  [['signal'], true],
  [['signal', 'signal'], true],
  [['broadcast'], true],
  [['signal', 'broadcast'], true],
  [['signal'], false],
  [['broadcast'], false],
  [['signal', 'signal'], false],
])('%j, by one who holds the mutex: %s', async (wakes, locked) => {
  const runs = await seen(handedOver, wakes, locked);
  expect(runs.length).toBeGreaterThan(5);
  expect(runs).toEqual(await seen(byName, wakes, locked));
});

it('who begins to wait after a signal is not woken by it', async () => {
  const program = await programOf((m) => {
    const lock = m.mutex('lock');
    const condition = m.condition('condition', { mutex: lock });
    const step = m.cell('step');
    m.actor('first', function* first() {
      yield* lock.lock();
      yield* step.write(1);
      yield* condition.wait();
      yield* lock.unlock();
    });
    m.actor('waker', function* waker() {
      yield* step.waitUntil((value) => value === 1);
      yield* lock.lock();
      yield* step.write(2);
      yield* condition.signal();
      yield* lock.unlock();
    });
    m.actor('late', function* late() {
      yield* step.waitUntil((value) => value === 2);
      yield* lock.lock();
      yield* condition.wait();
    });
  });
  // The first is always woken, so it never is the one who is left.
  everyRun(program, (executor) => expect(executor.nodeOf(0)).toBe(0));
  expect(Object.keys(endsOf(program))).toEqual(['deadlock']);
});

it('says which mutex is missing, and that one is given back that is not held', async () => {
  const without = programOf((m) => {
    const condition = m.condition('condition');
    m.actor('waiter', () => condition.wait());
  });
  await expect(without).rejects.toThrow('condition.wait() names no mutex: hand it one, or declare');
  const program = await programOf((m) => {
    const condition = m.condition('condition', { mutex: m.mutex('lock') });
    m.actor('waiter', () => condition.wait());
  });
  everyRun(program, (executor) => expect(executor.violation?.kind).toBe('lock-misuse'));
});
