// Dat3M#838: producer and consumer with mutex and condition variable. `broken`: the flag is set without the mutex.
import { defineModel, here } from 'faultline';

export default defineModel({
  name: 'condvar',
  source: import.meta.url,
  parameters: { broken: true, consumers: 1, broadcast: false },
  build(m, p) {
    const mutex = m.mutex('mutex');
    const wake = m.condition('wake', { mutex });
    const ready = m.cell('ready');
    m.actor('producer', function* producer() {
      if (!p.broken) yield* mutex.lock();
      yield* ready.write(1);
      yield* p.broadcast ? wake.broadcast() : wake.signal();
      if (!p.broken) yield* mutex.unlock();
    });
    function* consumer() {
      yield* mutex.lock();
      const again = yield* here();
      if ((yield* ready.read()) === 0) {
        yield* wake.wait();
        yield* again();
      }
      yield* mutex.unlock();
    }
    m.actors('consumer', p.consumers, () => consumer, { symmetric: true });
  },
});
