/**
 * The four programs of SCTBench's folder benchmarks/chess (Thomson, Donaldson, Betts, PPoPP 2014;
 * github.com/mc-imperial/sctbench), which has them from the tests of CHESS: a work-stealing queue in four ways. The queue is
 * Cilk-5's (Frigo, Leiserson, Randall, PLDI 1998). Each is written anew after the file that it names. As SCTBench runs them,
 * with two threads that steal twice each. What those files call readV and writeV is one step here as it is one there.
 *
 * The room of 8 elements is there from the start, and `mask` says how much of it is used: who enlarges the queue holds the
 * lock or is the only one that looks at it.
 */
import { check, defineModel, here } from 'faultline';
import { declareThreads, increment, joinAll, several, startAll } from './threads.mjs';

/** The queue of WorkStealQueue.h. `isPushWrong`: its BUG3, a push that leaves no place free. */
function workStealQueue(m, { acquire, release }, isPushWrong) {
  const [head, tail] = [m.cell('head'), m.cell('tail')];
  const mask = m.cell('mask', { initial: 1 });
  const elems = m.cells('elems', 8);
  function* element(place) {
    return elems.at(place & (yield* mask.read()));
  }
  function* steal() {
    yield* acquire();
    const h = yield* head.read();
    yield* head.write(h + 1);
    const isFound = h < (yield* tail.read());
    const item = isFound ? yield* (yield* element(h)).read() : undefined;
    if (!isFound) yield* head.write(h);
    yield* release();
    return item;
  }
  function* syncPop() {
    yield* acquire();
    const t = (yield* tail.read()) - 1;
    yield* tail.write(t);
    let item;
    if ((yield* head.read()) <= t) item = yield* (yield* element(t)).read();
    else yield* tail.write(t + 1);
    if ((yield* head.read()) > t) {
      yield* head.write(0);
      yield* tail.write(0);
      item = undefined;
    }
    yield* release();
    return item;
  }
  function* pop() {
    const t = (yield* tail.read()) - 1;
    yield* tail.write(t);
    if ((yield* head.read()) <= t) return yield* (yield* element(t)).read();
    yield* tail.write(t + 1);
    return yield* syncPop();
  }
  function* syncPush(item) {
    yield* acquire();
    const was = yield* head.read();
    const count = (yield* tail.read()) - was;
    const old = yield* mask.read();
    const h = was & old;
    yield* head.write(h);
    yield* tail.write(h + count);
    if (count >= old) {
      const items = [];
      for (let i = 0; i < count; i++) items[i] = yield* elems.at((h + i) & old).read();
      for (let i = 0; i < count; i++) yield* elems.at(i).write(items[i]);
      yield* mask.write(2 * (old + 1) - 1);
      yield* head.write(0);
      yield* tail.write(count);
    }
    yield* check(count < (yield* mask.read()), 'the queue is full and was enlarged');
    const t = yield* tail.read();
    yield* (yield* element(t)).write(item);
    yield* tail.write(t + 1);
    yield* release();
  }
  function* push(item) {
    const t = yield* tail.read();
    const h = yield* head.read();
    const size = (yield* mask.read()) + (isPushWrong ? 1 : 0);
    if (t >= h + size) return yield* syncPush(item);
    yield* (yield* element(t)).write(item);
    yield* tail.write(t + 1);
  }
  return { push, pop, steal };
}

/** SpinLock of these files: an exchange in a loop, which gives the processor away after each failure. */
function spinLock(m) {
  const lock = m.cell('lock');
  function* acquire() {
    const again = yield* here();
    if ((yield* lock.swap(1)) !== 0) yield* again();
  }
  return { acquire, release: () => lock.write(0) };
}

/** SpinLock without USE_NON_BLOCKING_SYNC: a mutex. */
function mutexLock(m) {
  const cs = m.mutex('cs');
  return { acquire: () => cs.lock(), release: () => cs.unlock() };
}

/** The items, each of which somebody must get exactly once. */
function itemsOf(m, count) {
  const field = m.cells('field', count);
  return {
    *operation(item) {
      if (item === undefined) return;
      yield* check(item > 0, 'an element is taken that nobody has put there');
      yield* increment(field.at(item - 1));
    },
    *check() {
      for (let item = 0; item < count; item++) {
        yield* check((yield* field.at(item).read()) === 1, 'an element is not taken exactly once');
      }
    },
  };
}

const ITEMS = 4;

/** main() of WorkStealQueue.cpp and of both that are interlocked: by turns two pushes and a pop, then the other pops. */
function* pushAndPopByTurns(queue, items) {
  for (let i = 0; i < ITEMS / 2; i++) {
    yield* queue.push(2 * i + 1);
    yield* queue.push(2 * i + 2);
    yield* items.operation(yield* queue.pop());
  }
  for (let i = 0; i < ITEMS / 2; i++) yield* items.operation(yield* queue.pop());
}

/** main() of StateWorkStealQueue.cpp: all pushes, then all pops. */
function* pushAllThenPop(queue, items) {
  for (let i = 0; i < ITEMS; i++) yield* queue.push(i + 1);
  for (let i = 0; i < ITEMS; i++) yield* items.operation(yield* queue.pop());
}

/**
 * WorkStealQueue.cpp, and InterlockedWorkStealQueue.cpp if `isSpinning`: a push that leaves no place free overwrites what
 * somebody is about to steal (BUG3 of WorkStealQueue.h). Nothing is left out. `fixed`: without BUG3.
 */
const plainQueue = (name, isSpinning) =>
  defineModel({
    name,
    source: import.meta.url,
    parameters: { stealers: 2, attempts: 2, fixed: false },
    build(m, { stealers, attempts, fixed }) {
      const queue = workStealQueue(m, isSpinning ? spinLock(m) : mutexLock(m), !fixed);
      const items = itemsOf(m, ITEMS);
      function* stealer() {
        for (let i = 0; i < attempts; i++) yield* items.operation(yield* queue.steal());
      }
      declareThreads(m, several(stealers, 'stealer', stealer), {
        *main(threads) {
          yield* startAll(threads);
          yield* pushAndPopByTurns(queue, items);
          yield* joinAll(threads);
          yield* items.check();
        },
      });
    },
  });

export const wsq = plainQueue('WSQ', false);
export const iwsq = plainQueue('IWSQ', true);

/**
 * The record of stack frames that WorkStealQueueWithState.h keeps for each thread in one std::vector: a thread that begins
 * makes it as long as its number says, with nothing that keeps two of them apart. at() throws beyond its end.
 */
function frameRecords(m, threads, isThereFromStart) {
  const size = m.cell('stacks_size', { initial: isThereFromStart ? threads : 0 });
  const frames = m.cells('stack_frames', threads);
  function* look(tid) {
    yield* check(tid < (yield* size.read()), 'the record of a thread is gone');
  }
  return {
    *push(tid) {
      if ((yield* size.read()) <= tid) {
        // resize(): longer by empty records, or shorter.
        const now = yield* size.read();
        for (let added = now; added <= tid; added++) yield* frames.at(added).write(0);
        yield* size.write(tid + 1);
      }
      yield* look(tid);
      yield* increment(frames.at(tid));
    },
    *peek(tid) {
      yield* look(tid);
      yield* check((yield* frames.at(tid).read()) > 0, 'a record has no frame');
    },
    *pop(tid) {
      yield* look(tid);
      yield* check((yield* frames.at(tid).read()) > 0, 'a record has no frame');
      yield* increment(frames.at(tid), -1);
    },
  };
}

/**
 * InterlockedWorkStealQueueWithState.cpp and StateWorkStealQueue.cpp: the queue without BUG3, and a record of what each
 * thread is at, for which two threads that begin make one vector longer at the same time. Frames of the queue's own
 * functions are left out: a record that is gone is met by that of the stealer as well. `fixed`: the record has its length
 * from the start.
 */
const queueWithState = (name, pushAndPop) =>
  defineModel({
    name,
    source: import.meta.url,
    parameters: { stealers: 2, attempts: 2, fixed: false },
    build(m, { stealers, attempts, fixed }) {
      const queue = workStealQueue(m, spinLock(m), false);
      const items = itemsOf(m, ITEMS);
      const records = frameRecords(m, stealers + 1, fixed);
      function* stealer(index) {
        const tid = index + 1;
        yield* records.push(tid);
        yield* records.peek(tid);
        for (let i = 0; i < attempts; i++) {
          yield* records.peek(tid);
          yield* items.operation(yield* queue.steal());
        }
        yield* records.pop(tid);
      }
      declareThreads(m, several(stealers, 'stealer', stealer), {
        *main(threads) {
          yield* records.push(0);
          yield* startAll(threads);
          yield* pushAndPop(queue, items);
          yield* joinAll(threads);
          yield* items.check();
          yield* records.pop(0);
        },
      });
    },
  });

export const iwsqws = queueWithState('IWSQWS', pushAndPopByTurns);
export const swsq = queueWithState('SWSQ', pushAllThenPop);
