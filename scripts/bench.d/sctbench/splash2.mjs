/**
 * The three programs that SCTBench has from SPLASH-2 (benchmarks/splash2; Thomson, Donaldson, Betts, PPoPP 2014;
 * github.com/mc-imperial/sctbench): barnes, fft and lu. All three have the same bug: the macro for the wait for all threads
 * is empty, so main() goes on before the others have counted themselves out. Left out: what they compute.
 */
import { check, defineModel } from 'faultline';
import { declareThreads, increment, joinAll, several, startAll } from './threads.mjs';

/**
 * SlaveStart() of apps/barnes/code.C, kernels/fft/fft.C or kernels/lu/non_contiguous_blocks/lu.C, with two threads of which
 * main() is one: each takes its number under a lock, goes through as many barriers as `barriers` says, and counts itself out,
 * which is no atomic step. `fixed`: main() waits, and the count is atomic.
 */
export const splash2 = defineModel({
  name: 'splash2',
  source: import.meta.url,
  parameters: { threads: 2, barriers: 2, fixed: false },
  build(m, { threads: count, barriers, fixed }) {
    const idLock = m.mutex('idlock');
    const barrier = m.barrier('start', { parties: count });
    const [id, finished] = [m.cell('id'), m.cell('numFinished')];
    function* slave() {
      yield* idLock.lock();
      yield* increment(id);
      yield* idLock.unlock();
      for (let i = 0; i < barriers; i++) yield* barrier.wait();
      if (fixed) yield* finished.add(1);
      else yield* increment(finished);
    }
    declareThreads(m, several(count - 1, 'slave', slave), {
      *main(threads) {
        yield* startAll(threads);
        yield* slave();
        if (fixed) yield* joinAll(threads);
        yield* check((yield* finished.read()) === count, 'not all threads have ended');
      },
    });
  },
});
