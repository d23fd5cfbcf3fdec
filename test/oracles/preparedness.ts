/**
 * The preparedness benchmark of the design's oracle sheet, written with the public API: N faults that clear and assign
 * one page under a shared lock, and a converter that undoes both under the exclusive one.
 */

import { defineModel } from '../../src/index.js';

/** V: sticky bits. 1: assigned twice; 2: the guest read zero after its write; 4: the guest read residue. */
export const preparedness = defineModel({
  name: 'preparedness',
  source: import.meta.url,
  parameters: { faults: 2, converter: true },
  registers: 0,
  build(m, p) {
    const lock = m.cell('lock');
    const flag = m.cell('flag');
    const rmp = m.cell('rmp');
    const content = m.cell('content', { initial: -1 });
    const violations = m.cell('V');

    function fault(actor: number) {
      return function* fault() {
        yield* lock.waitUntil(
          (readers) => readers >= 0,
          (readers) => readers + 1,
        );
        if ((yield* flag.read()) === 0) {
          yield* content.write(0);
          yield* rmp
            .apply<void>('rmp = 1', 'none', { next: () => 1 })
            .record(violations, (bits, seen) => (seen === 1 ? bits | 1 : bits));
          yield* flag.write(1);
        }
        yield* lock.add(-1);
        yield* content.write(actor);
        yield* content
          .apply<void>('content', 'none', {})
          .record(violations, (bits, seen) => (seen === 0 ? bits | 2 : seen === -1 ? bits | 4 : bits));
      };
    }
    m.actors('fault', p.faults, (index) => fault(index + 1));
    if (p.converter) {
      m.actor('convert', function* convert() {
        yield* lock.waitUntil(
          (readers) => readers === 0,
          () => -1,
        );
        yield* rmp.write(0);
        yield* flag.write(0);
        yield* lock.write(0);
      });
    }
  },
});

export default preparedness;
