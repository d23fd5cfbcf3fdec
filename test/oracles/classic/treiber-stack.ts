/**
 * Treiber's stack (R. K. Treiber, 1986): pop reads the head and the node behind it, then swings the head by
 * compare-exchange. Broken: nothing tells a head that went away and came back (ABA), so that a node which somebody owns
 * ends up on the stack. With a version beside the head the compare-exchange fails then.
 */

import type { Ref } from '../../../src/core/ops/ref.js';
import { atomic, defineModel, here, type Routine } from '../../../src/index.js';

export const treiberStack = defineModel({
  name: 'treiber-stack',
  source: import.meta.url,
  parameters: { broken: false },
  registers: 6,
  build(m, p) {
    const nodes = m.domain('node', 2);
    const head = m.refCell('head', nodes, { initial: 1 });
    const version = m.cell('version');
    const next = m.cells('next', 2, { refTo: nodes });
    const owners = m.cells('owners', 2);
    m.layout.setInitial(next.region.base, 2);

    /** The head moves from `from` to `to` unless it, or its version, is another by now. */
    function* swing(
      seen: number,
      from: Ref | null,
      to: Ref | null,
      owned: { node: Ref; by: number },
    ): Routine<boolean> {
      return yield* atomic('cmpxchg(head)', function* () {
        if (!p.broken && (yield* version.read()) !== seen) return false;
        if (!(yield* head.cmpxchg(from, to))) return false;
        if (!p.broken) yield* version.add(1);
        yield* owners.at(owned.node).add(owned.by);
        return true;
      });
    }
    function* pop(): Routine<Ref | null> {
      const again = yield* here();
      const seen = p.broken ? 0 : yield* version.read();
      const top = yield* head.read();
      if (top === null) return null;
      const behind = yield* next.at(top).read();
      if (yield* swing(seen, top, behind, { node: top, by: 1 })) return top;
      return yield* again();
    }
    function* push(node: Ref): Routine {
      const again = yield* here();
      const seen = p.broken ? 0 : yield* version.read();
      const top = yield* head.read();
      yield* next.at(node).write(top);
      if (!(yield* swing(seen, top, node, { node, by: -1 }))) yield* again();
    }
    m.actor('popper', function* popTwo() {
      yield* pop();
      yield* pop();
    });
    m.actor('churner', function* popTwoPushOne() {
      const first = yield* pop();
      yield* pop();
      if (first !== null) yield* push(first);
    });
    for (let node = 0; node < 2; node++) {
      m.always('one owner', [owners.at(node)], (owned) => owned <= 1 || 'two tasks own one node of the stack');
    }
  },
});

export default treiberStack;
