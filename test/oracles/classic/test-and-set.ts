/**
 * A test-and-set lock, spinning; the tasks take it once, or for ever. Broken: test and set are two steps.
 */

import { defineModel, here } from '../../../src/index.js';

export const testAndSet = defineModel({
  name: 'test-and-set',
  source: import.meta.url,
  parameters: { actors: 2, broken: false, forever: false },
  registers: 0,
  build(m, p) {
    const lock = m.cell('lock');
    const inside = m.cell('inside');
    function* task() {
      const repeat = yield* here();
      const again = yield* here();
      if (p.broken) {
        if ((yield* lock.read()) === 1) return yield* again();
        yield* lock.write(1);
      } else if (!(yield* lock.cmpxchg(0, 1))) return yield* again();
      yield* inside.add(1);
      yield* inside.add(-1);
      yield* lock.write(0);
      if (p.forever) yield* repeat();
    }
    m.actors('task', p.actors, () => task, { symmetric: true });
    m.always('exclusion', [inside], (count) => count <= 1 || 'two tasks hold the lock');
  },
});

export default testAndSet;
