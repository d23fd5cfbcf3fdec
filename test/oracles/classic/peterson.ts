/**
 * Peterson's lock for two (G. L. Peterson, "Myths about the mutual exclusion problem", 1981), with the steps that Lamport
 * gives it in PlusCal (a1 .. a5 and cs, https://lamport.azurewebsites.net/tla/peterson.html): 42 distinct states. Broken:
 * each gives the turn away before it says that it wants it.
 */

import { defineModel, here } from '../../../src/index.js';

export const peterson = defineModel({
  name: 'peterson',
  source: import.meta.url,
  parameters: { broken: false },
  registers: 0,
  build(m, p) {
    const flag = m.cells('flag', 2);
    const turn = m.cell('turn');
    const data = m.cell('data');
    const inside = m.ghost('inside');
    m.actors(
      'process',
      2,
      (self) =>
        function* process() {
          const other = 1 - self;
          const again = yield* here();
          yield* data.apply<void>('noncritical section', 'none', {});
          if (p.broken) yield* turn.write(other);
          yield* flag.at(self).write(1);
          if (!p.broken) yield* turn.write(other);
          yield* m
            .waitUntil([flag.at(other), turn], (wants, whose) => wants === 0 || whose === self)
            .record(inside, (count) => count + 1);
          yield* data.apply<void>('critical section', 'none', {});
          yield* flag
            .at(self)
            .write(0)
            .record(inside, (count) => count - 1);
          yield* again();
        },
      { daemon: true },
    );
    m.always('exclusion', [inside], (count) => count <= 1 || 'two processes are in the critical section');
  },
});

export default peterson;
