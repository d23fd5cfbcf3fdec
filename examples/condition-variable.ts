/**
 * A flag and a condition variable: the wake-up is lost where the flag is set without the mutex.
 *
 *   faultline verify examples/condition-variable.ts                   verified
 *   faultline verify examples/condition-variable.ts --set locked=false a deadlock
 */
import { defineModel, here } from 'faultline';

export default defineModel({
  name: 'condition variable',
  source: import.meta.url,
  parameters: { locked: true },
  build(m, { locked }) {
    const lock = m.mutex('lock');
    const ready = m.condition('ready', { mutex: lock });
    const flag = m.cell('flag');
    m.actor('waiter', function* waiter() {
      yield* lock.lock();
      const again = yield* here();
      if ((yield* flag.read()) === 0) {
        yield* ready.wait();
        return yield* again();
      }
      yield* lock.unlock();
    });
    m.actor('waker', function* waker() {
      if (locked) yield* lock.lock();
      yield* flag.write(1);
      if (locked) yield* lock.unlock();
      yield* ready.signal();
    });
  },
});
