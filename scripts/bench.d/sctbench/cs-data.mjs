/**
 * Programs of SCTBench whose assertion fails: those of the folder benchmarks/concurrent-software-benchmarks (Thomson,
 * Donaldson, Betts, "Concurrency testing using schedule bounding", PPoPP 2014; github.com/mc-imperial/sctbench), which has
 * them from the benchmarks of ESBMC. Each is written anew after the file that it names. With `fixed` it is the program that
 * the same folder has as correct (`_ok`), or has the fix that is named. account, reorder, twostage and wronglock are in
 * famous-programs.mjs.
 */
import { check, defineModel } from 'faultline';
import { declareThreads, increment, joinAll, several, startAll, waitWhile } from './threads.mjs';

/**
 * arithmetic_prog_bad.c: a producer and a consumer hand on three numbers; the assertion says that their sum is not what it
 * is, so every run that ends breaks it. Nothing is left out but what is printed.
 */
export const arithmeticProg = defineModel({
  name: 'arithmetic_prog',
  source: import.meta.url,
  parameters: { rounds: 3, fixed: false },
  build(m, { rounds, fixed }) {
    const mutex = m.mutex('m');
    const [empty, full] = [m.condition('empty', { mutex }), m.condition('full', { mutex })];
    const [num, total, flag] = [m.cell('num'), m.cell('total'), m.cell('flag')];
    function* produce() {
      for (let i = 0; i < rounds; i++) {
        yield* mutex.lock();
        yield* waitWhile(num, (count) => count > 0, empty);
        yield* increment(num);
        yield* mutex.unlock();
        yield* full.signal();
      }
    }
    function* consume() {
      for (let j = 0; j < rounds; j++) {
        yield* mutex.lock();
        yield* waitWhile(num, (count) => count === 0, full);
        yield* increment(total, j);
        yield* increment(num, -1);
        yield* mutex.unlock();
        yield* empty.signal();
      }
      yield* increment(total, rounds);
      yield* flag.write(1);
    }
    declareThreads(
      m,
      [
        ['thread1', produce],
        ['thread2', consume],
      ],
      {
        *main(threads) {
          yield* startAll(threads);
          yield* joinAll(threads);
          if ((yield* flag.read()) === 0) return;
          const isSum = (yield* total.read()) === (rounds * (rounds + 1)) / 2;
          yield* check(isSum === fixed, 'the sum is not what the program takes it for');
        },
      },
    );
  },
});

/**
 * bluetooth_driver_bad.c, which Qadeer and Wu made for KISS (PLDI 2004): a request looks at the flag that the driver is
 * being stopped, and counts itself only then. What is atomic there is a mutex, as in common.inc. `fixed`: it counts itself
 * first, as the driver was mended.
 */
export const bluetoothDriver = defineModel({
  name: 'bluetooth_driver',
  source: import.meta.url,
  parameters: { fixed: false },
  build(m, { fixed }) {
    const atomicMutex = m.mutex('atomic_mutex');
    const pending = m.cell('pending_io', { initial: 1 });
    const [stopping, event, stopped] = [m.cell('stopping_flag'), m.cell('stopping_event'), m.cell('stopped')];
    function* count(amount) {
      yield* atomicMutex.lock();
      const now = yield* increment(pending, amount);
      yield* atomicMutex.unlock();
      return now;
    }
    function* decrementIo() {
      if ((yield* count(-1)) === 0) yield* event.write(1);
    }
    function* mayBegin() {
      if (fixed) yield* count(1);
      if ((yield* stopping.read()) === 1) return false;
      if (!fixed) yield* count(1);
      return true;
    }
    function* stop() {
      yield* stopping.write(1);
      yield* decrementIo();
      if ((yield* event.read()) === 1) yield* stopped.write(1);
    }
    declareThreads(m, [['stop', stop]], {
      *main([stopper]) {
        yield* stopper.spawn();
        if (yield* mayBegin())
          yield* check((yield* stopped.read()) === 0, 'a request runs in a driver that is stopped');
        yield* decrementIo();
        yield* stopper.join();
      },
    });
  },
});

/**
 * circular_buffer_bad.c: the receiver compares with the number of its round, in which it may have received nothing. The
 * checks of bounds are left out, for they hold. `fixed`: with what was sent last.
 */
export const circularBuffer = defineModel({
  name: 'circular_buffer',
  source: import.meta.url,
  parameters: { rounds: 7, fixed: false },
  build(m, { rounds, fixed }) {
    const mutex = m.mutex('m');
    const buffer = m.cells('buffer', 10);
    const [first, next, last] = [m.cell('first'), m.cell('next'), m.cell('value')];
    const [send, receive] = [m.cell('send', { initial: 1 }), m.cell('receive')];
    function* insert(value) {
      const place = yield* next.read();
      yield* buffer.at(place).write(value);
      yield* next.write((place + 1) % 10);
    }
    function* remove() {
      if ((yield* next.read()) === 0) return -1;
      const place = yield* first.read();
      yield* first.write(place + 1);
      return yield* buffer.at(place).read();
    }
    function* sender() {
      for (let i = 0; i < rounds; i++) {
        yield* mutex.lock();
        if ((yield* send.read()) === 1) {
          yield* insert(i);
          if (fixed) yield* last.write(i);
          yield* send.write(0);
          yield* receive.write(1);
        }
        yield* mutex.unlock();
      }
    }
    function* receiver() {
      for (let i = 0; i < rounds; i++) {
        yield* mutex.lock();
        if ((yield* receive.read()) === 1) {
          const got = yield* remove();
          yield* check(got === (fixed ? yield* last.read() : i), 'another element is received than was expected');
          yield* receive.write(0);
          yield* send.write(1);
        }
        yield* mutex.unlock();
      }
    }
    declareThreads(m, [
      ['t1', sender],
      ['t2', receiver],
    ]);
  },
});

/**
 * fsbench_bad.c, after Flanagan and Godefroid's file system (POPL 2005): 27 threads for 26 blocks; the last one is beyond
 * the bound of the array of locks, which its assertion says. Nothing is left out. `fixed`: 26 threads.
 */
export const fsbench = defineModel({
  name: 'fsbench',
  source: import.meta.url,
  parameters: { blocks: 26, fixed: false },
  build(m, { blocks, fixed }) {
    const locki = Array.from({ length: blocks }, (_, i) => m.mutex(`locki[${i}]`));
    const lockb = Array.from({ length: blocks }, (_, b) => m.mutex(`lockb[${b}]`));
    const [busy, inode] = [m.cells('busy', blocks), m.cells('inode', blocks)];
    function* allocate(i) {
      for (let j = 0; j < blocks / 2; j++) {
        const b = (i * 2 + j) % blocks;
        yield* lockb[b].lock();
        const isFree = (yield* busy.at(b).read()) === 0;
        if (isFree) {
          yield* busy.at(b).write(1);
          yield* inode.at(i).write(b + 1);
        }
        yield* lockb[b].unlock();
        if (isFree) return;
      }
    }
    function* routine(i) {
      yield* check(i < blocks, 'the number of the lock is beyond the bound of the array');
      yield* locki[i].lock();
      if ((yield* inode.at(i).read()) === 0) yield* allocate(i);
      yield* locki[i].unlock();
    }
    declareThreads(m, several(fixed ? blocks : blocks + 1, 'thread', routine));
  },
});

/** lazy01_bad.c: the third thread must not come last. Nothing is left out. `fixed`: nothing is asserted, as in lazy01_ok.c. */
export const lazy01 = defineModel({
  name: 'lazy01',
  source: import.meta.url,
  parameters: { fixed: false },
  build(m, { fixed }) {
    const mutex = m.mutex('mutex');
    const data = m.cell('data');
    const add = (amount) =>
      function* add() {
        yield* mutex.lock();
        yield* increment(data, amount);
        yield* mutex.unlock();
      };
    function* look() {
      yield* mutex.lock();
      const value = yield* data.read();
      yield* check(value < 3 || fixed, 'both have added');
      yield* mutex.unlock();
    }
    declareThreads(m, [
      ['thread1', add(1)],
      ['thread2', add(2)],
      ['thread3', look],
    ]);
  },
});

/**
 * queue_bad.c: the one that takes counts its rounds, whether it took something in them or not, and compares with what was
 * stored as this one. The check of an empty queue is left out, for it holds. `fixed`: each does all in one critical section.
 */
export const queue = defineModel({
  name: 'queue',
  source: import.meta.url,
  parameters: { size: 20, fixed: false },
  build(m, { size, fixed }) {
    const mutex = m.mutex('m');
    const [element, stored] = [m.cells('element', size), m.cells('stored_elements', size)];
    const [head, tail, amount] = [m.cell('head'), m.cell('tail'), m.cell('amount')];
    const [enqueueFlag, dequeueFlag] = [m.cell('enqueue_flag', { initial: 1 }), m.cell('dequeue_flag')];
    function* enqueue(place, value) {
      const end = yield* tail.read();
      yield* element.at(end).write(value);
      yield* increment(amount);
      yield* tail.write(end + 1);
      yield* stored.at(place).write(value);
    }
    function* dequeueAndCompare(place) {
      const begin = yield* head.read();
      const value = yield* element.at(begin).read();
      yield* increment(amount, -1);
      yield* head.write(begin + 1);
      yield* check(value === (yield* stored.at(place).read()), 'another element is taken than was stored');
    }
    function* handOver(from, to) {
      yield* from.write(0);
      yield* to.write(1);
    }
    function* enqueueAll() {
      yield* mutex.lock();
      if (fixed) {
        for (let i = 0; i < size; i++) yield* enqueue(i, i + 1);
        yield* handOver(enqueueFlag, dequeueFlag);
      } else yield* enqueue(0, 0);
      yield* mutex.unlock();
      if (fixed) return;
      // The value grows where something is stored, and the place with each round.
      let value = 0;
      for (let i = 1; i < size; i++) {
        yield* mutex.lock();
        if ((yield* enqueueFlag.read()) === 1) {
          value++;
          yield* enqueue(i, value);
          yield* handOver(enqueueFlag, dequeueFlag);
        }
        yield* mutex.unlock();
      }
    }
    function* dequeueAll() {
      if (!fixed) {
        for (let i = 0; i < size; i++) {
          yield* mutex.lock();
          if ((yield* dequeueFlag.read()) === 1) {
            yield* dequeueAndCompare(i);
            yield* handOver(dequeueFlag, enqueueFlag);
          }
          yield* mutex.unlock();
        }
        return;
      }
      yield* mutex.lock();
      if ((yield* dequeueFlag.read()) === 1) {
        for (let i = 0; i < size; i++) {
          if ((yield* head.read()) !== (yield* tail.read())) yield* dequeueAndCompare(i);
        }
        yield* handOver(dequeueFlag, enqueueFlag);
      }
      yield* mutex.unlock();
    }
    declareThreads(m, [
      ['t1', enqueueAll],
      ['t2', dequeueAll],
    ]);
  },
});

/**
 * stack_bad.c: a flag says that something was pushed, and nobody takes it back. Nothing is left out. `fixed`: who pops looks
 * at the stack itself.
 */
export const stack = defineModel({
  name: 'stack',
  source: import.meta.url,
  parameters: { size: 10, fixed: false },
  build(m, { size, fixed }) {
    const mutex = m.mutex('m');
    const [top, flag] = [m.cell('top'), m.cell('flag')];
    const values = m.cells('arr', size);
    function* push() {
      for (let i = 0; i < size; i++) {
        yield* mutex.lock();
        const place = yield* top.read();
        yield* check(place < size, 'the stack overflows');
        yield* values.at(place).write(i);
        yield* top.write(place + 1);
        if (!fixed) yield* flag.write(1);
        yield* mutex.unlock();
      }
    }
    function* pop() {
      for (let i = 0; i < size; i++) {
        yield* mutex.lock();
        if ((yield* (fixed ? top : flag).read()) > 0) {
          const place = yield* top.read();
          yield* check(place > 0, 'the stack underflows');
          yield* top.write(place - 1);
          yield* values.at(place - 1).read();
        }
        yield* mutex.unlock();
      }
    }
    declareThreads(m, [
      ['t1', push],
      ['t2', pop],
    ]);
  },
});

/** token_ring_bad.c: three threads hand a number around, and it is the same for all only in one order. Nobody joins. */
export const tokenRing = defineModel({
  name: 'token_ring',
  source: import.meta.url,
  build(m) {
    const atomicMutex = m.mutex('atomic_mutex');
    const x = [m.cell('x1', { initial: 1 }), m.cell('x2', { initial: 2 }), m.cell('x3', { initial: 1 })];
    const flags = [m.cell('flag1'), m.cell('flag2'), m.cell('flag3')];
    const hand = (to, from, added) =>
      function* hand() {
        yield* atomicMutex.lock();
        const value = yield* x[from].read();
        yield* x[to].write((value + added) % 4);
        yield* flags[to].write(1);
        yield* atomicMutex.unlock();
      };
    function* look() {
      yield* atomicMutex.lock();
      let isRound = true;
      for (const flag of flags) isRound &&= (yield* flag.read()) === 1;
      if (isRound) {
        const [x1, x2, x3] = [yield* x[0].read(), yield* x[1].read(), yield* x[2].read()];
        yield* check(x1 === x2 && x2 === x3, 'the token is not the same for all');
      }
      yield* atomicMutex.unlock();
    }
    const kinds = [
      ['t1', hand(0, 2, 1)],
      ['t2', hand(1, 0, 0)],
      ['t3', hand(2, 1, 0)],
      ['t4', look],
    ];
    declareThreads(m, kinds, { joins: false });
  },
});
