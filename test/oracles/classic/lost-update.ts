/**
 * N tasks add one to a counter. Broken: by a read and a write, so that any value from 1 to N may come out.
 */

import { defineModel } from '../../../src/index.js';

export const lostUpdate = defineModel({
  name: 'lost-update',
  source: import.meta.url,
  parameters: { actors: 3, broken: false },
  registers: 0,
  build(m, p) {
    const counter = m.cell('counter');
    function* increment() {
      if (p.broken) yield* counter.write((yield* counter.read()) + 1);
      else yield* counter.add(1);
    }
    m.actors('task', p.actors, () => increment, { symmetric: true });
    m.finally('all counted', [counter], (value) => value === p.actors || 'an increment was lost');
  },
});

export default lostUpdate;
