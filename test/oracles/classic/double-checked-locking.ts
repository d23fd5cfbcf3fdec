/**
 * Double-checked locking (Schmidt and Harrison, 1996), under sequential consistency. Broken: the flag is set before the
 * data is there, so that the check without the lock lets a task through too early.
 */

import { defineModel } from '../../../src/index.js';

export const doubleCheckedLocking = defineModel({
  name: 'double-checked-locking',
  source: import.meta.url,
  parameters: { actors: 2, broken: false },
  registers: 0,
  build(m, p) {
    const mutex = m.mutex('init_lock');
    const ready = m.cell('ready');
    const data = m.cell('data');
    const inits = m.cell('inits');
    const early = m.cell('early');
    function* use() {
      if ((yield* ready.read()) === 0) {
        yield* mutex.lock();
        if ((yield* ready.read()) === 0) {
          yield* inits.add(1);
          if (p.broken) yield* ready.write(1);
          yield* data.write(42);
          if (!p.broken) yield* ready.write(1);
        }
        yield* mutex.unlock();
      }
      if ((yield* data.read()) !== 42) yield* early.write(1);
    }
    m.actors('task', p.actors, () => use, { symmetric: true });
    m.always('once', [inits], (times) => times <= 1 || 'it is initialised twice');
    m.always('whole', [early], (seen) => seen === 0 || 'a task uses what is not initialised yet');
  },
});

export default doubleCheckedLocking;
