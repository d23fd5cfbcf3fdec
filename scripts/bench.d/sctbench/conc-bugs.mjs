/**
 * The three programs of SCTBench's folder benchmarks/conc-bugs (Thomson, Donaldson, Betts, PPoPP 2014;
 * github.com/mc-imperial/sctbench), which has them from Jie Yu's collection of real bugs: aget, pbzip2 and the StringBuffer
 * of the JDK 1.4. Each is written anew after the files that it names, and says what it leaves out.
 */
import { check, defineModel, here } from 'faultline';
import { declareThreads, increment, joinAll, several, startAll } from './threads.mjs';

/**
 * aget-bug2, Download.c (http_get) and Resume.c (save_log): a download is stopped; the offsets of all threads are saved and
 * then how much was written in all, while a thread has moved its offset and not yet added to that. Left out: the network,
 * the file, and all but `pieces` pieces of each download. As there, the thread that waits for the signal saves at once; what
 * follows, the end of the process, is left out. `fixed`: both are changed and saved under the mutex.
 */
export const aget = defineModel({
  name: 'aget',
  source: import.meta.url,
  parameters: { downloads: 2, pieces: 2, fixed: false },
  build(m, { downloads, pieces, fixed }) {
    const mutex = m.mutex('bwritten_mutex');
    const offset = m.cells('offset', downloads);
    const written = m.cell('bwritten');
    function* download(index) {
      for (let piece = 0; piece < pieces; piece++) {
        if (fixed) yield* mutex.lock();
        yield* increment(offset.at(index));
        if (!fixed) yield* mutex.lock();
        yield* increment(written);
        yield* mutex.unlock();
      }
    }
    function* saveLog() {
      if ((yield* written.read()) === downloads * pieces) return;
      if (fixed) yield* mutex.lock();
      let sum = 0;
      for (let index = 0; index < downloads; index++) sum += yield* offset.at(index).read();
      const all = yield* written.read();
      if (fixed) yield* mutex.unlock();
      yield* check(sum === all, 'the log says something else than its parts');
    }
    declareThreads(m, [['signal_waiter', saveLog], ...several(downloads, 'http_get', download)]);
  },
});

/**
 * pbzip2 0.9.4, pbzip2.cpp (main, producer, consumer, fileWriter, queueDelete): main() waits for the thread that writes the
 * file and not for those that compress, and deletes the queue with the mutex that these still use. Left out: what is
 * compressed, the memory's own mutex, and all but `blocks` blocks. The wait of a second for a block may end at any time. A
 * mutex is used if its pointer is not null at that moment. `fixed`: main() waits for those as well.
 */
export const pbzip2 = defineModel({
  name: 'pbzip2',
  source: import.meta.url,
  parameters: { consumers: 2, blocks: 2, fixed: false },
  build(m, { consumers, blocks, fixed }) {
    const mutex = m.mutex('fifo_mut');
    const pointer = m.cell('fifo->mut', { initial: 1 });
    const notEmpty = m.condition('not_empty', { mutex });
    const notFull = m.condition('not_full', { mutex });
    const [head, tail] = [m.cell('fifo_head'), m.cell('fifo_tail')];
    const [empty, full] = [m.cell('fifo_empty', { initial: 1 }), m.cell('fifo_full')];
    const allDone = m.cell('all_done');
    const outMutex = m.mutex('out_mutex');
    const output = m.cells('output_buffer', blocks);
    // Block numbers lie in the queue one after the other, and it has room for as many as there are consumers.
    const place = (index) => index % consumers;
    function* useMutex() {
      yield* check((yield* pointer.read()) === 1, 'the mutex of the queue is used and was deleted');
    }
    function* produce() {
      for (let block = 0; block < blocks; block++) {
        yield* mutex.lock();
        const again = yield* here();
        if ((yield* full.read()) === 1) {
          yield* notFull.wait();
          yield* again();
        }
        const end = (yield* tail.read()) + 1;
        yield* tail.write(end);
        if (place(end) === place(yield* head.read())) yield* full.write(1);
        yield* empty.write(0);
        yield* mutex.unlock();
        yield* notEmpty.signal();
      }
      yield* allDone.write(1);
    }
    function* take() {
      const again = yield* here();
      if ((yield* empty.read()) === 0) {
        const block = yield* head.read();
        yield* head.write(block + 1);
        if (place(block + 1) === place(yield* tail.read())) yield* empty.write(1);
        yield* full.write(0);
        return block;
      }
      if ((yield* allDone.read()) === 1) return -1;
      yield* notEmpty.waitTimed();
      return yield* again();
    }
    function* consume() {
      const nextBlock = yield* here();
      yield* useMutex();
      yield* mutex.lock();
      const block = yield* take();
      yield* useMutex();
      yield* mutex.unlock();
      if (block === -1) return;
      yield* notFull.signal();
      yield* outMutex.lock();
      yield* output.at(block).write(1);
      yield* outMutex.unlock();
      yield* nextBlock();
    }
    function* writeFile() {
      for (let block = 0; block < blocks; block++) {
        const again = yield* here();
        if ((yield* output.at(block).read()) === 0) yield* again();
      }
      const again = yield* here();
      if ((yield* allDone.read()) === 0) yield* again();
    }
    declareThreads(m, [...several(consumers, 'consumer', consume), ['file_writer', writeFile]], {
      *main(threads) {
        yield* startAll(threads);
        yield* produce();
        yield* threads[consumers].join();
        if (fixed) yield* joinAll(threads.slice(0, consumers));
        yield* empty.write(1);
        yield* full.write(0);
        yield* pointer.write(0);
      },
    });
  },
});

/**
 * stringbuffer-jdk1.4, stringbuffer.cpp and main.cpp: append() asks another buffer how long it is, and then copies so much
 * of it, while that one is erased. Found by Flanagan and Qadeer (PLDI 2003). Left out: the characters, and what holds of any
 * length. `fixed`: the other buffer is locked over both.
 */
export const stringBuffer = defineModel({
  name: 'stringbuffer',
  source: import.meta.url,
  parameters: { fixed: false },
  build(m, { fixed }) {
    const [mine, theirs] = [m.mutex('sb_mutex'), m.mutex('buffer_mutex')];
    const [myCount, theirCount] = [m.cell('sb_count'), m.cell('buffer_count', { initial: 3 })];
    function* erase() {
      yield* theirs.lock();
      const count = yield* theirCount.read();
      const end = Math.min(3, count);
      if (end > 0) yield* theirCount.write(count - end);
      yield* theirs.unlock();
    }
    function* appendText() {
      yield* theirs.lock();
      yield* increment(theirCount, 3);
      yield* theirs.unlock();
    }
    function* appendBuffer() {
      yield* mine.lock();
      yield* theirs.lock();
      const length = yield* theirCount.read();
      if (!fixed) {
        yield* theirs.unlock();
        yield* theirs.lock();
      }
      yield* check(length <= (yield* theirCount.read()), 'more is copied than there is');
      yield* theirs.unlock();
      yield* increment(myCount, length);
      yield* mine.unlock();
    }
    function* eraseAndAppend() {
      yield* erase();
      yield* appendText();
    }
    declareThreads(m, [['thread_main', eraseAndAppend]], {
      *main([thread]) {
        yield* thread.spawn();
        yield* appendBuffer();
      },
    });
  },
});
