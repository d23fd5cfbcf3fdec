/**
 * What the ports of SCTBench have in common: threads that main() starts and waits for, and the loop around a wait on a
 * condition variable.
 */
import { here } from 'faultline';

/**
 * Threads as pthread_create() starts them: kinds of [name, routine]. main() starts them in this order, and waits for them in
 * this order unless `joins` is false. `main` is what it does itself: it is handed the threads, and starts them.
 */
export function declareThreads(m, kinds, { joins = true, main } = {}) {
  const threads = [];
  m.actor('main', function* mainThread() {
    if (main !== undefined) return yield* main(threads);
    yield* startAll(threads);
    if (joins) yield* joinAll(threads);
  });
  for (const [name, routine] of kinds) threads.push(m.spawned(name, routine));
}

/** Starts the threads, one after the other. */
export function* startAll(threads) {
  for (const thread of threads) yield* thread.spawn();
}

/** Waits for the threads, one after the other. */
export function* joinAll(threads) {
  for (const thread of threads) yield* thread.join();
}

/** As many threads of one routine: [`name0`, routine], ... The routine is handed its number. */
export function several(count, name, routine) {
  return Array.from({ length: count }, (_, index) => [`${name}${index}`, () => routine(index)]);
}

/** `while (isTooEarly(cell)) pthread_cond_wait(condition)`. */
export function* waitWhile(cell, isTooEarly, condition) {
  const again = yield* here();
  if (!isTooEarly(yield* cell.read())) return;
  yield* condition.wait();
  yield* again();
}

/** `cell++`, which is two steps. */
export function* increment(cell, amount = 1) {
  const before = yield* cell.read();
  yield* cell.write(before + amount);
  return before + amount;
}
