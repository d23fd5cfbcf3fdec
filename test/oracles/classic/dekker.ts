/**
 * Dekker's algorithm (E. W. Dijkstra, EWD 123, 1965), one pass each. Broken: who yields the turn does not take its wish
 * back, and both wait for ever.
 */

import { defineModel, here } from '../../../src/index.js';

export const dekker = defineModel({
  name: 'dekker',
  source: import.meta.url,
  parameters: { broken: false },
  registers: 0,
  build(m, p) {
    const wants = m.cells('wants', 2);
    const turn = m.cell('turn');
    const inside = m.cell('inside');
    m.actors('process', 2, (self) => {
      const other = 1 - self;
      return function* process() {
        yield* wants.at(self).write(1);
        const again = yield* here();
        if ((yield* wants.at(other).read()) === 1) {
          if ((yield* turn.read()) !== self) {
            if (!p.broken) yield* wants.at(self).write(0);
            yield* turn.waitUntil((whose) => whose === self);
            if (!p.broken) yield* wants.at(self).write(1);
          }
          return yield* again();
        }
        yield* inside.add(1);
        yield* inside.add(-1);
        yield* turn.write(other);
        yield* wants.at(self).write(0);
      };
    });
    m.always('exclusion', [inside], (count) => count <= 1 || 'two processes are in the critical section');
  },
});

export default dekker;
