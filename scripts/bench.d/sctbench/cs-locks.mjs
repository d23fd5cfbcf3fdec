/**
 * Programs of SCTBench in which threads get stuck, and its dining philosophers: those of the folder
 * benchmarks/concurrent-software-benchmarks (Thomson, Donaldson, Betts, "Concurrency testing using schedule bounding", PPoPP
 * 2014; github.com/mc-imperial/sctbench), which has them from the benchmarks of ESBMC and of Inspect. Each is written anew
 * after the file that it names. With `fixed` it is the program that the same folder has as correct (`_ok`, `_unsat`), or has
 * the fix that is named.
 */
import { check, defineModel } from 'faultline';
import { declareThreads, increment, several, waitWhile } from './threads.mjs';

/**
 * carter01_bad.c: two classes of which one is in at a time; the first of a class waits for that while it holds the mutex
 * of the counts. Two more threads do nothing. `fixed`: a mutex for each class.
 */
export const carter01 = defineModel({
  name: 'carter01',
  source: import.meta.url,
  parameters: { fixed: false },
  build(m, { fixed }) {
    const both = m.mutex('m');
    const other = fixed ? m.mutex('n') : both;
    const inside = m.mutex('l');
    const work = (name, mutex) => {
      const count = m.cell(name);
      return function* work() {
        yield* mutex.lock();
        if ((yield* increment(count)) === 1) yield* inside.lock();
        yield* mutex.unlock();
        yield* mutex.lock();
        if ((yield* increment(count, -1)) === 0) yield* inside.unlock();
        yield* mutex.unlock();
      };
    };
    function* nothing() {}
    declareThreads(m, [
      ['t1', work('A', both)],
      ['t2', work('B', other)],
      ['t3', nothing],
      ['t4', nothing],
    ]);
  },
});

/** deadlock01_bad.c: two mutexes in both orders. Nothing is left out. `fixed`: in one order. */
export const deadlock01 = defineModel({
  name: 'deadlock01',
  source: import.meta.url,
  parameters: { fixed: false },
  build(m, { fixed }) {
    const [a, b] = [m.mutex('a'), m.mutex('b')];
    const counter = m.cell('counter', { initial: 1 });
    const add = (first, second, amount) =>
      function* add() {
        yield* first.lock();
        yield* second.lock();
        yield* increment(counter, amount);
        yield* second.unlock();
        yield* first.unlock();
      };
    declareThreads(m, [
      ['thread1', add(a, b, 1)],
      ['thread2', fixed ? add(a, b, -1) : add(b, a, -1)],
    ]);
  },
});

/**
 * din_phil2_sat.c to din_phil7_sat.c: philosophers take both forks at once; who eats last breaks the assertion that not all
 * do. With up to 4 of them they count without a lock. With 7 of them a mutex that is held is locked once more, so that the
 * first is stuck. What is atomic is a mutex, as in common.inc. `fixed`: nobody counts, as in din_phil2_unsat.c.
 */
export const dinPhil = defineModel({
  name: 'din_phil',
  source: import.meta.url,
  parameters: { philosophers: 2, fixed: false },
  build(m, { philosophers, fixed }) {
    const atomicMutex = m.mutex('atomic_mutex');
    const forks = Array.from({ length: philosophers }, (_, i) => m.mutex(`x[${i}]`));
    const full = m.cell('phil');
    function* countIn() {
      yield* increment(full);
      const count = yield* full.read();
      yield* check(count !== philosophers, 'all philosophers have eaten');
    }
    function* eat(id) {
      const [left, right] = [forks[id], forks[(id + 1) % philosophers]];
      yield* atomicMutex.lock();
      yield* right.lock();
      yield* left.lock();
      yield* left.unlock();
      yield* right.unlock();
      if (philosophers < 7 || fixed) yield* atomicMutex.unlock();
      if (fixed) return;
      if (philosophers >= 5) yield* atomicMutex.lock();
      yield* countIn();
      if (philosophers >= 5) yield* atomicMutex.unlock();
    }
    declareThreads(m, several(philosophers, 'philosopher', eat));
  },
});

/** phase01_bad.c: both threads go through a mutex which the first of them keeps. `fixed`: it gives it back. */
export const phase01 = defineModel({
  name: 'phase01',
  source: import.meta.url,
  parameters: { fixed: false },
  build(m, { fixed }) {
    const [x, y] = [m.mutex('x'), m.mutex('y')];
    function* pass() {
      yield* x.lock();
      yield* x.unlock();
      yield* x.lock();
      if (fixed) yield* x.unlock();
      yield* y.lock();
      yield* y.unlock();
      yield* y.lock();
      yield* y.unlock();
    }
    declareThreads(m, several(2, 'thread', pass));
  },
});

/**
 * sync01_bad.c and, with 2 rounds, sync02_bad.c: a producer waits for an empty place. In sync01 the consumer takes nothing
 * out of the one that is full; in sync02 two are full at first, so one is left over. `fixed`: it takes it out, and the place
 * is empty at first.
 */
export const sync = defineModel({
  name: 'sync',
  source: import.meta.url,
  parameters: { rounds: 1, full: 1, fixed: false },
  build(m, p) {
    const mutex = m.mutex('m');
    const [empty, full] = [m.condition('empty', { mutex }), m.condition('full', { mutex })];
    const num = m.cell('num', { initial: p.fixed ? 0 : p.full });
    function* produce() {
      for (let i = 0; i < p.rounds; i++) {
        yield* mutex.lock();
        yield* waitWhile(num, (count) => count > 0, empty);
        yield* increment(num);
        yield* mutex.unlock();
        yield* full.signal();
      }
    }
    function* consume() {
      for (let j = 0; j < p.rounds; j++) {
        yield* mutex.lock();
        yield* waitWhile(num, (count) => count === 0, full);
        if (p.rounds > 1 || p.fixed) yield* increment(num, -1);
        yield* mutex.unlock();
        yield* empty.signal();
      }
    }
    declareThreads(m, [
      ['thread1', produce],
      ['thread2', consume],
    ]);
  },
});
