/**
 * Four of the six programs that SCTBench has from RADBench (Jalbert, Pereira, Pokam, Sen, HotPar 2011; benchmarks/radbench
 * of github.com/mc-imperial/sctbench): bugs of Mozilla's SpiderMonkey and NSPR. Each is written anew after Mozilla's own
 * files and the test that calls them, and says what it leaves out. The two others are not here: bug1 (Mozilla 515403) cannot
 * fail in that test, says the benchmark itself; bug3 (478336) needs the property cache of SpiderMonkey 1.8.
 */
import { check, defineModel, here } from 'faultline';
import { declareThreads, increment, joinAll, several, startAll, waitWhile } from './threads.mjs';

/**
 * bug2, Mozilla 476934; JS 1.7.0, jsgc.c (js_GC) and jscntxt.c (js_ClearContextThread): the collector sees that a context
 * has a thread and clears that thread's free lists, while the thread leaves its context. Left out: the heap, requests, and
 * the lists of contexts and threads. `fixed`: who sets or clears the thread of a context waits until no collection runs.
 */
export const clearContextThread = defineModel({
  name: 'radbench bug2',
  source: import.meta.url,
  parameters: { threads: 3, fixed: false },
  build(m, { threads: count, fixed }) {
    const gcLock = m.mutex('gc_lock');
    const gcDone = m.condition('gc_done', { mutex: gcLock });
    const gcRuns = m.cell('gc_running');
    // Of each context: whether it is in the list, and whether it has a thread.
    const [listed, thread] = [m.cells('cx_listed', count), m.cells('cx_thread', count)];
    function* setThread(index, value) {
      if (fixed) {
        yield* gcLock.lock();
        yield* waitWhile(gcRuns, (runs) => runs === 1, gcDone);
      }
      yield* thread.at(index).write(value);
      if (fixed) yield* gcLock.unlock();
    }
    function* useContext(index) {
      yield* setThread(index, 1);
      yield* gcLock.lock();
      yield* listed.at(index).write(1);
      yield* gcLock.unlock();
      yield* setThread(index, 1);
      yield* setThread(index, 0);
    }
    function* collect() {
      yield* gcLock.lock();
      yield* gcRuns.write(1);
      yield* gcLock.unlock();
      for (let index = 0; index < count; index++) {
        yield* gcLock.lock();
        const isListed = (yield* listed.at(index).read()) === 1;
        yield* gcLock.unlock();
        if (!isListed || (yield* thread.at(index).read()) === 0) continue;
        // The free lists, and then the cache of the thread.
        for (let use = 0; use < 2; use++) {
          yield* check((yield* thread.at(index).read()) === 1, 'the thread of a context is used and is null');
        }
      }
      yield* gcLock.lock();
      yield* gcRuns.write(0);
      yield* gcDone.broadcast();
      yield* gcLock.unlock();
    }
    declareThreads(m, several(count, 'testfunc', useContext), {
      *main(workers) {
        yield* startAll(workers);
        yield* collect();
        yield* joinAll(workers);
      },
    });
  },
});

/**
 * bug4, Mozilla 354593; NSPR 4.6.4, prtime.c (MT_safe_localtime): two threads find no lock and make one each; then one
 * unlocks what the other has locked, which PR_Unlock asserts. Left out: the time. `fixed`: the lock is made before there are
 * threads, as it was mended.
 */
export const localtimeLock = defineModel({
  name: 'radbench bug4',
  source: import.meta.url,
  parameters: { threads: 2, fixed: false },
  build(m, { threads, fixed }) {
    // PRLock: a mutex with an owner. Each thread makes its own.
    const locks = Array.from({ length: threads }, (_, i) => ({
      mutex: m.mutex(`lock${i}`),
      owner: m.cell(`owner${i}`),
    }));
    const monitor = m.cell('monitor', { initial: fixed ? 1 : 0 });
    function* localTime(index) {
      if ((yield* monitor.read()) === 0) yield* monitor.write(index + 1);
      const taken = locks[(yield* monitor.read()) - 1];
      yield* taken.mutex.lock();
      yield* taken.owner.write(index + 1);
      const given = locks[(yield* monitor.read()) - 1];
      yield* check((yield* given.owner.read()) === index + 1, 'a lock is unlocked by another than its owner');
      yield* given.owner.write(0);
      yield* given.mutex.unlock();
    }
    declareThreads(m, several(threads, 'DumbThread', localTime));
  },
});

/**
 * bug5, Mozilla 165586; NSPR 4.8.6, ptsynch.c (PR_WaitCondVar) and ptthread.c (PR_Interrupt): who is to be interrupted has
 * looked whether it is, and does not wait yet; the broadcast is lost. The test beside them calls PR_Interrupt nowhere, so the
 * thread that does is ours. Left out: notifications that are posted later.
 */
export const interruptedWait = defineModel({
  name: 'radbench bug5',
  source: import.meta.url,
  build(m) {
    const mutex = m.mutex('cvar_lock');
    const condition = m.condition('cvar', { mutex });
    const [isAborted, waiting] = [m.cell('state_aborted'), m.cell('thred->waiting')];
    function* wait() {
      yield* mutex.lock();
      if ((yield* isAborted.read()) === 0) {
        yield* waiting.write(1);
        yield* condition.wait();
        yield* waiting.write(0);
      }
      yield* isAborted.write(0);
      yield* mutex.unlock();
    }
    declareThreads(m, [['waiter', wait]], {
      *main([waiter]) {
        yield* waiter.spawn();
        yield* isAborted.write(1);
        if ((yield* waiting.read()) === 1) yield* condition.broadcast();
        yield* waiter.join();
      },
    });
  },
});

/**
 * bug6, Mozilla 526805; NSPR 4.8, prrwlock.c: a reader that takes its lock once more waits for a writer that came in between,
 * and that one for the reader. It is the lock that NSPR makes of a mutex and condition variables. Left out: ranks and
 * owners. `fixed`: who reads already does not wait for writers.
 */
export const recursiveReader = defineModel({
  name: 'radbench bug6',
  source: import.meta.url,
  parameters: { fixed: false },
  build(m, { fixed }) {
    const mutex = m.mutex('rw_lock');
    const readers = m.condition('rw_reader_waitq', { mutex });
    const writers = m.condition('rw_writer_waitq', { mutex });
    const [lockCount, writersWaiting, readersWaiting] = [
      m.cell('lock_cnt'),
      m.cell('writer_cnt'),
      m.cell('reader_cnt'),
    ];
    function* readLock(isHeld) {
      yield* mutex.lock();
      const again = yield* here();
      const mustWait = (yield* lockCount.read()) < 0 || (yield* writersWaiting.read()) > 0;
      if (mustWait && !(isHeld && fixed)) {
        yield* increment(readersWaiting);
        yield* readers.wait();
        yield* increment(readersWaiting, -1);
        yield* again();
      }
      yield* increment(lockCount);
      yield* mutex.unlock();
    }
    function* writeLock() {
      yield* mutex.lock();
      const again = yield* here();
      if ((yield* lockCount.read()) !== 0) {
        yield* increment(writersWaiting);
        yield* writers.wait();
        yield* increment(writersWaiting, -1);
        yield* again();
      }
      yield* increment(lockCount, -1);
      yield* mutex.unlock();
    }
    function* unlock() {
      yield* mutex.lock();
      const count = yield* lockCount.read();
      yield* check(count !== 0, 'a lock is unlocked that nobody holds');
      yield* lockCount.write(count > 0 ? count - 1 : 0);
      if (count <= 1) {
        if ((yield* writersWaiting.read()) > 0) yield* writers.signal();
        else if (count < 0 && (yield* readersWaiting.read()) > 0) yield* readers.broadcast();
      }
      yield* mutex.unlock();
    }
    function* reader() {
      yield* readLock(false);
      yield* readLock(true);
      yield* unlock();
      yield* unlock();
    }
    function* writer() {
      yield* writeLock();
      yield* unlock();
    }
    declareThreads(m, [
      ['reader', reader],
      ['writer', writer],
    ]);
  },
});
