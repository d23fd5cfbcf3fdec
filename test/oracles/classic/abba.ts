/**
 * ABBA: two tasks take two mutexes, one after the other. Broken: in opposite orders. `gated`: a third mutex around both
 * keeps the deadlock away and leaves the order what it is.
 */

import { defineModel, type Routine } from '../../../src/index.js';
import type { Mutex } from '../../../src/primitives/lock.js';

/** Takes two mutexes in this order, and gives them back. */
export function* inOrder(first: Mutex, second: Mutex): Routine {
  yield* first.lock();
  yield* second.lock();
  yield* second.unlock();
  yield* first.unlock();
}

export const abba = defineModel({
  name: 'abba',
  source: import.meta.url,
  parameters: { broken: true, gated: false },
  registers: 0,
  build(m, p) {
    const [a, b, gate] = [m.mutex('a'), m.mutex('b'), m.mutex('gate')];
    const task = (first: typeof a, second: typeof a) =>
      function* task() {
        if (p.gated) yield* gate.lock();
        yield* inOrder(first, second);
        if (p.gated) yield* gate.unlock();
      };
    m.actor('ab', task(a, b));
    m.actor('ba', p.broken ? task(b, a) : task(a, b));
  },
});

export default abba;
