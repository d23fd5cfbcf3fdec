/**
 * SafeStack.cpp of SCTBench (benchmarks/safestack; github.com/mc-imperial/sctbench), Dmitry Vyukov's challenge of 2010: a
 * stack of three elements which three threads take and give back, twice each. Two of them can get the same one, after at
 * least five preemptions. Nothing is left out. It is the one program of SCTBench that no strategy here is expected to find.
 */
import { check, defineModel, here } from 'faultline';
import { declareThreads, several } from './threads.mjs';

export const safestack = defineModel({
  name: 'safestack',
  source: import.meta.url,
  parameters: { threads: 3, rounds: 2 },
  build(m, { threads, rounds }) {
    const SIZE = 3;
    const next = Array.from({ length: SIZE }, (_, i) => m.cell(`next${i}`, { initial: i + 1 < SIZE ? i + 1 : -1 }));
    const value = m.cells('value', SIZE);
    const [head, count] = [m.cell('head'), m.cell('count', { initial: SIZE })];
    function* pop() {
      const again = yield* here();
      if ((yield* count.read()) <= 1) yield* again();
      const top = yield* head.read();
      const below = yield* next[top].swap(-1);
      if (below < 0) yield* again();
      if (yield* head.cmpxchg(top, below)) {
        yield* count.add(-1);
        return top;
      }
      yield* next[top].swap(below);
      return yield* again();
    }
    function* push(index) {
      const again = yield* here();
      const top = yield* head.read();
      yield* next[index].write(top);
      if (!(yield* head.cmpxchg(top, index))) yield* again();
      yield* count.add(1);
    }
    function* takeAndGiveBack(id) {
      for (let round = 0; round < rounds; round++) {
        const element = yield* pop();
        yield* value.at(element).write(id);
        yield* check((yield* value.at(element).read()) === id, 'two threads have the same element');
        yield* push(element);
      }
    }
    declareThreads(m, several(threads, 'thread', takeAndGiveBack));
  },
});
