/**
 * A bounded buffer under a mutex, with sleeping by hand: a consumer that finds nothing sets its sleeping flag and sleeps
 * until it is woken. Broken: it looks and goes to sleep in two critical sections, and the wake-up in between is lost.
 */

import { defineModel, here } from '../../../src/index.js';

export const boundedBuffer = defineModel({
  name: 'bounded-buffer',
  source: import.meta.url,
  parameters: { items: 2, capacity: 1, broken: false },
  registers: 0,
  build(m, p) {
    const mutex = m.mutex('buffer_lock');
    const count = m.cell('count');
    const sleeping = m.cell('sleeping');
    const taken = m.cell('taken');

    function* produce() {
      for (let item = 0; item < p.items; item++) {
        yield* count.waitUntil((filled) => filled < p.capacity);
        yield* mutex.lock();
        yield* count.add(1);
        yield* sleeping.write(0);
        yield* mutex.unlock();
      }
    }
    function* consume() {
      for (let item = 0; item < p.items; item++) {
        const again = yield* here();
        yield* mutex.lock();
        if ((yield* count.read()) === 0) {
          if (p.broken) {
            yield* mutex.unlock();
            yield* mutex.lock();
          }
          yield* sleeping.write(1);
          yield* mutex.unlock();
          yield* sleeping.waitUntil((asleep) => asleep === 0);
          yield* again();
        }
        yield* count.add(-1);
        yield* taken.add(1);
        yield* mutex.unlock();
      }
    }
    m.actor('producer', produce);
    m.actor('consumer', consume);
    m.always('count', [count], (filled) => (filled >= 0 && filled <= p.capacity) || `the buffer holds ${filled} items`);
    m.finally('all taken', [taken], (items) => items === p.items || 'an item was lost');
  },
});

export default boundedBuffer;
