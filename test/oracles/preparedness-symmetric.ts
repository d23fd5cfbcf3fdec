/**
 * The preparedness benchmark of the design's oracle sheet with its faults as interchangeable actors: what a fault writes
 * to the page is its identity as a ref, so that a search may rename it. Residue is a mark, zero is no ref at all.
 * Same states, same final states, same interleavings as test/oracles/preparedness.ts.
 */

import type { Ref } from '../../src/core/ops/ref.js';
import { call, defineModel } from '../../src/index.js';

const RESIDUE = -1;

/** V: sticky bits. 1: assigned twice; 2: the guest read zero after its write; 4: the guest read residue. */
export const preparednessSymmetric = defineModel({
  name: 'preparedness-symmetric',
  source: import.meta.url,
  parameters: { faults: 2, converter: true },
  registers: 1,
  build(m, p) {
    const faults = m.domain('fault', p.faults);
    const lock = m.cell('lock');
    const flag = m.cell('flag');
    const rmp = m.cell('rmp');
    const content = m.refCell('content', faults, { initial: RESIDUE });
    const violations = m.cell('V');

    function* fault(self: Ref) {
      yield* lock.waitUntil(
        (readers) => readers >= 0,
        (readers) => readers + 1,
      );
      if ((yield* flag.read()) === 0) {
        yield* content.write(null);
        yield* rmp
          .apply<void>('rmp = 1', 'none', { next: () => 1 })
          .record(violations, (bits, seen) => (seen === 1 ? bits | 1 : bits));
        yield* flag.write(1);
      }
      yield* lock.add(-1);
      yield* content.write(self);
      yield* content
        .holds()
        .record(violations, (bits, seen) => (seen === 0 ? bits | 2 : seen === RESIDUE ? bits | 4 : bits));
    }
    m.actors('fault', p.faults, (index) => [call('fault', fault, faults.id(index))], { symmetric: faults });
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

export default preparednessSymmetric;
