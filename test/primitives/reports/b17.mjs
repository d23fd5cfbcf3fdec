// repoprompt-ce#492: the handler of a cancellation only schedules that the waiter is taken out of the queue; unlock() hands the
// mutex to it, and it runs its section. Fixed: who is granted looks at its cancellation once more and passes the lock on.
import { check, defineModel } from 'faultline';

export default defineModel({
  name: 'cancelled-waiter',
  source: import.meta.url,
  parameters: { broken: true },
  build(m, p) {
    const lock = m.semaphore('lock', { count: 0 }); // A holds it
    const cancelled = m.cell('cancelled');
    m.actor('A', function* unlock() {
      yield* lock.up();
    });
    m.actor('canceller', function* cancel() {
      yield* cancelled.write(1);
    });
    m.actor('B', function* withLock() {
      if (!(yield* lock.downKillable())) return; // it was taken out of the queue
      const isLate = (yield* cancelled.read()) === 1;
      yield* check(!(p.broken && isLate), 'a cancelled waiter runs its critical section');
      yield* lock.up();
    });
    m.finally('free', [lock.cell], (count) => count === 1 || 'the lock is never given back');
  },
});
