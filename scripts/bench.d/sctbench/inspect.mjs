/**
 * The two programs that SCTBench has from the benchmarks of Inspect: ctrace-test (benchmarks/inspect_examples) and qsort_mt
 * (benchmarks/inspect_benchmarks), after Thomson, Donaldson, Betts, PPoPP 2014; github.com/mc-imperial/sctbench. Each is
 * written anew after the file that it names, and says what it leaves out.
 */
import { check, defineModel, here } from 'faultline';
import { declareThreads, increment, joinAll, several, startAll } from './threads.mjs';

/**
 * ctrace-test.c: a thread ends tracing, and frees the records of all threads, while main() has seen that it is on and looks
 * for its own. Left out: the second thread, which does nothing; the levels and the text of a trace; what main() removes in
 * the end, for nothing is there. `fixed`: who ends it waits for those who read, and empties the table.
 */
export const ctrace = defineModel({
  name: 'ctrace-test',
  source: import.meta.url,
  parameters: { fixed: false },
  build(m, { fixed }) {
    const hashMutex = m.mutex('_hashmutex');
    const hashSem = m.semaphore('_hashsem');
    const reads = m.cell('_hashreads');
    const isOn = m.cell('_trc', { initial: 1 });
    const messages = m.cell('_msgs');
    const table = m.cell('_thread', { initial: 1 });
    const isFreed = m.cell('record_freed');
    function* enter() {
      yield* hashMutex.lock();
      if ((yield* reads.read()) === 0) yield* hashSem.down();
      yield* increment(reads);
      yield* hashMutex.unlock();
    }
    function* leave() {
      yield* hashMutex.lock();
      if ((yield* increment(reads, -1)) === 0) yield* hashSem.up();
      yield* hashMutex.unlock();
    }
    function* useRecord(times) {
      if ((yield* table.read()) === 0) return false;
      for (let i = 0; i < times; i++) {
        yield* check((yield* isFreed.read()) === 0, 'the record of a thread is used and was freed');
      }
      return true;
    }
    function* trace() {
      if ((yield* isOn.read()) === 0) return;
      // trc_varargs(): it finds the record, and writes into it.
      yield* enter();
      yield* useRecord(2);
      yield* leave();
      // trc_trace(): it finds the record, looks whether it is on, writes into it and prints it.
      yield* enter();
      if (yield* useRecord(4)) yield* increment(messages);
      yield* leave();
    }
    function* end() {
      yield* isOn.write(0);
      if (fixed) yield* hashSem.down();
      if ((yield* table.read()) === 1) yield* isFreed.write(1);
      if (fixed) {
        yield* table.write(0);
        yield* hashSem.up();
      }
    }
    function* nothing() {}
    declareThreads(
      m,
      [
        ['thread1', end],
        ['thread2', nothing],
      ],
      {
        *main(threads) {
          yield* startAll(threads);
          yield* trace();
          yield* trace();
          yield* joinAll(threads);
          yield* trace();
        },
      },
    );
  },
});

/** What a thread of qsort_mt is told to sort, and its states. */
const Part = { None: 0, Left: 1, All: 2 };
const State = { Idle: 0, Work: 1, Term: 2 };

/**
 * qsort_mt.c (Spinellis): a sort of a part is handed to an idle thread of the pool by a state that is written before the
 * thread's mutex is taken and the part is written; the thread may see the state and sort nothing. Left out: the numbers, and
 * every split but the first. The assertion is that of -v: all is sorted. `fixed`: the state is written under the mutex.
 */
export const qsortMt = defineModel({
  name: 'qsort_mt',
  source: import.meta.url,
  parameters: { threads: 2, fixed: false },
  build(m, { threads: count, fixed }) {
    const alloc = m.mutex('mtx_al');
    const pool = Array.from({ length: count }, (_, i) => {
      const mutex = m.mutex(`mtx_st[${i}]`);
      const [state, part] = [m.cell(`st[${i}]`), m.cell(`part[${i}]`)];
      return { mutex, condition: m.condition(`cond_st[${i}]`, { mutex }), state, part };
    });
    const idle = m.cell('idlethreads', { initial: count });
    const [left, right] = [m.cell('left_sorted'), m.cell('right_sorted')];
    function* allocate() {
      yield* alloc.lock();
      for (const slot of pool) {
        if ((yield* slot.state.read()) !== State.Idle) continue;
        yield* increment(idle, -1);
        if (fixed) yield* slot.mutex.lock();
        yield* slot.state.write(State.Work);
        if (!fixed) yield* slot.mutex.lock();
        yield* alloc.unlock();
        return slot;
      }
      yield* alloc.unlock();
      return undefined;
    }
    function* sort(part) {
      if (part === Part.Left) yield* left.write(1);
      if (part !== Part.All) return;
      const slot = yield* allocate();
      if (slot === undefined) yield* left.write(1);
      else {
        yield* slot.part.write(Part.Left);
        yield* slot.condition.signal();
        yield* slot.mutex.unlock();
      }
      yield* right.write(1);
    }
    function* dismiss(me) {
      for (const slot of pool) {
        if (slot === me) continue;
        yield* slot.mutex.lock();
        yield* slot.state.write(State.Term);
        yield* slot.condition.signal();
        yield* slot.mutex.unlock();
      }
    }
    function* worker(index) {
      const me = pool[index];
      const again = yield* here();
      yield* me.mutex.lock();
      const look = yield* here();
      if ((yield* me.state.read()) === State.Idle) {
        yield* me.condition.wait();
        yield* look();
      }
      yield* me.mutex.unlock();
      if ((yield* me.state.read()) === State.Term) return;
      yield* sort(yield* me.part.read());
      yield* alloc.lock();
      yield* me.state.write(State.Idle);
      if ((yield* increment(idle)) === count) {
        yield* dismiss(me);
        yield* alloc.unlock();
        return;
      }
      yield* alloc.unlock();
      yield* again();
    }
    declareThreads(m, several(count, 'qsort_thread', worker), {
      *main(workers) {
        yield* startAll(workers);
        yield* pool[0].mutex.lock();
        yield* pool[0].part.write(Part.All);
        yield* pool[0].state.write(State.Work);
        yield* increment(idle, -1);
        yield* pool[0].condition.signal();
        yield* pool[0].mutex.unlock();
        yield* joinAll(workers);
        const isSorted = (yield* left.read()) === 1 && (yield* right.read()) === 1;
        yield* check(isSorted, 'not all is sorted');
      },
    });
  },
});
