/**
 * The list-based queue lock of Mellor-Crummey and Scott ("Algorithms for scalable synchronization", 1991), the shape of
 * the kernel's qspinlock: tasks wait on cells of their own and refer to each other. Broken: who leaves the queue empty
 * does not look whether somebody has just joined it.
 */

import type { Ref } from '../../../src/core/ops/ref.js';
import { call, defineModel, here, type Routine } from '../../../src/index.js';

export const mcsLock = defineModel({
  name: 'mcs-lock',
  source: import.meta.url,
  parameters: { actors: 3, broken: false },
  registers: 5,
  build(m, p) {
    const tasks = m.domain('task', p.actors);
    const tail = m.refCell('tail', tasks);
    const next = m.cells('next', p.actors, { refTo: tasks });
    const locked = m.cells('locked', p.actors);
    const inside = m.cell('inside');

    function* lock(self: Ref): Routine {
      const again = yield* here();
      const before = yield* tail.read();
      if (!(yield* tail.cmpxchg(before, self))) return yield* again();
      if (before === null) return;
      yield* locked.at(self).write(1);
      yield* next.at(before).write(self);
      yield* locked.at(self).waitUntil((value) => value === 0);
    }
    function* unlock(self: Ref): Routine {
      if ((yield* next.at(self).read()) === null) {
        if (p.broken) {
          yield* tail.write(null);
          return;
        }
        if (yield* tail.cmpxchg(self, null)) return;
      }
      const again = yield* here();
      const successor = yield* next.at(self).read();
      if (successor === null) return yield* again();
      yield* locked.at(successor).write(0);
    }
    function* task(self: Ref): Routine {
      yield* lock(self);
      yield* inside.add(1);
      yield* inside.add(-1);
      yield* unlock(self);
    }
    m.actors('task', p.actors, (index) => [call('task', task, tasks.id(index))], { symmetric: tasks });
    m.always('exclusion', [inside], (count) => count <= 1 || 'two tasks hold the lock');
  },
});

export default mcsLock;
