/**
 * The four programs that SCTBench has from PARSEC 2.0 (benchmarks/parsec-2.0/pkgs; Thomson, Donaldson, Betts, PPoPP 2014;
 * github.com/mc-imperial/sctbench): ferret, and streamcluster with one of its three bugs each. Each is written anew after the
 * file that it names, and says what it leaves out.
 */
import { check, defineModel, here } from 'faultline';
import { declareThreads, increment, several, waitWhile } from './threads.mjs';

/**
 * ferret-parallel.c and queue.h: images go through stages, each with threads of its own. The last one says that all is done
 * when it has counted as many as were read and the reading has ended; if it counts the last before the reading says that it
 * has ended, nobody says it, and main() waits for ever. Left out: what the stages do, the bound of the queues, the starts of
 * the threads, which main() cancels in the end. One image, as in the test input of PARSEC. `fixed`: the end of reading is
 * said before the last image is handed on.
 */
export const ferret = defineModel({
  name: 'ferret',
  source: import.meta.url,
  parameters: { stageThreads: 2, fixed: false },
  build(m, { stageThreads, fixed }) {
    const queues = ['load_seg', 'seg_extract', 'extract_vec', 'vec_rank', 'rank_out'].map((name) => {
      const mutex = m.mutex(`q_${name}_mutex`);
      return { mutex, notEmpty: m.condition(`q_${name}_not_empty`, { mutex }), count: m.cell(`q_${name}`) };
    });
    const [enqueued, dequeued] = [m.cell('cnt_enqueue'), m.cell('cnt_dequeue')];
    const [inputEnd, outputEnd] = [m.cell('input_end'), m.cell('output_end')];
    const doneMutex = m.mutex('done_mutex');
    const done = m.condition('done', { mutex: doneMutex });
    function* enqueue({ mutex, count, notEmpty }) {
      yield* mutex.lock();
      yield* increment(count);
      yield* notEmpty.signal();
      yield* mutex.unlock();
    }
    function* dequeue({ mutex, count, notEmpty }) {
      yield* mutex.lock();
      yield* waitWhile(count, (waiting) => waiting === 0, notEmpty);
      yield* increment(count, -1);
      yield* mutex.unlock();
    }
    m.actor('main', function* main() {
      yield* doneMutex.lock();
      if ((yield* outputEnd.read()) === 0) yield* done.wait();
      yield* doneMutex.unlock();
    });
    m.actor('t_load', function* load() {
      yield* increment(enqueued);
      if (fixed) yield* inputEnd.write(1);
      yield* enqueue(queues[0]);
      if (!fixed) yield* inputEnd.write(1);
    });
    for (const [stage, name] of ['t_seg', 't_extract', 't_vec', 't_rank'].entries()) {
      function* work() {
        yield* dequeue(queues[stage]);
        yield* enqueue(queues[stage + 1]);
        yield* dequeue(queues[stage]);
      }
      m.actors(name, stageThreads, () => work, { daemon: true, symmetric: true });
    }
    m.actor(
      't_out',
      function* out() {
        yield* dequeue(queues[4]);
        yield* increment(dequeued);
        if ((yield* inputEnd.read()) === 1 && (yield* enqueued.read()) === (yield* dequeued.read())) {
          yield* doneMutex.lock();
          yield* outputEnd.write(1);
          yield* done.signal();
          yield* doneMutex.unlock();
        }
        yield* dequeue(queues[4]);
      },
      { daemon: true },
    );
  },
});

/**
 * streamcluster.cpp, pspeedy(): the first thread decides whether a point becomes a centre and the others wait for that.
 * `bug` 1: they go through one barrier in a round and the first one through two (FIX_BUG_1 is not defined). `bug` 2: nothing
 * keeps it from deciding on costs that others have not computed yet (FIX_BUG_2). Left out: distances; all but two points, of
 * which the second is opened; the sum of costs. `fixed`: with the barrier that the file has for it.
 */
export const pspeedy = defineModel({
  name: 'streamcluster',
  source: import.meta.url,
  parameters: { threads: 4, bug: 1, fixed: false },
  build(m, { threads, bug, fixed }) {
    const barrier = m.barrier('barrier', { parties: threads });
    const mutex = m.mutex('mutex');
    const condition = m.condition('cond', { mutex });
    const [open, point] = [m.cell('open'), m.cell('i')];
    const computed = m.cells('cost_computed', threads);
    function* setOpen() {
      yield* mutex.lock();
      yield* open.write(1);
      yield* mutex.unlock();
      yield* condition.broadcast();
    }
    function* decide() {
      yield* point.write(1);
      for (let pid = 1; pid < threads; pid++) {
        yield* check((yield* computed.at(pid).read()) === 1, 'a point is opened by a cost that is not computed yet');
      }
      yield* setOpen();
      yield* barrier.wait();
      yield* open.write(0);
      yield* barrier.wait();
      yield* point.write(2);
      yield* setOpen();
    }
    function* follow() {
      const again = yield* here();
      yield* mutex.lock();
      yield* waitWhile(open, (value) => value === 0, condition);
      yield* mutex.unlock();
      if ((yield* point.read()) >= 2) return;
      if (bug !== 1 || fixed) yield* barrier.wait();
      yield* barrier.wait();
      yield* again();
    }
    function* speedy(pid) {
      yield* barrier.wait();
      yield* computed.at(pid).write(1);
      if (bug !== 2 || fixed) yield* barrier.wait();
      if (pid === 0) yield* decide();
      else yield* follow();
      yield* barrier.wait();
      yield* open.write(0);
      yield* barrier.wait();
    }
    declareThreads(m, several(threads, 'localSearch', speedy));
  },
});

/**
 * streamcluster.cpp of streamcluster3, pkmedian(): where there are fewer points than centres, the first thread takes the
 * array of sums away while others still add it up (FIX_BUG_3 is not defined). Left out: distances and what comes later.
 * `fixed`: with the barrier that the file has for it.
 */
export const pkmedian = defineModel({
  name: 'streamcluster3',
  source: import.meta.url,
  parameters: { threads: 4, fixed: false },
  build(m, { threads, fixed }) {
    const barrier = m.barrier('barrier', { parties: threads });
    const pointer = m.cell('hizs');
    const sums = m.cells('hizs[]', threads);
    function* sumsPointer() {
      yield* check((yield* pointer.read()) === 1, 'the array of sums is read and is gone');
    }
    function* median(pid) {
      if (pid === 0) yield* pointer.write(1);
      yield* barrier.wait();
      yield* sumsPointer();
      yield* sums.at(pid).write(1);
      yield* barrier.wait();
      for (let i = 0; i < threads; i++) {
        yield* sumsPointer();
        yield* sums.at(i).read();
      }
      if (fixed) yield* barrier.wait();
      if (pid === 0) yield* pointer.write(0);
    }
    declareThreads(m, several(threads, 'localSearch', median));
  },
});
