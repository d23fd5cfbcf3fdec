// rcu_cell#1: the reader loads the pointer, the writer swaps it and drops the last reference, the reader takes one on freed
// memory. Fixed: a lock bit from the load to the reference.
import { defineModel } from 'faultline';

export default defineModel({
  name: 'rcu-cell',
  source: import.meta.url,
  parameters: { broken: true, readers: 1 },
  registers: 4,
  build(m, p) {
    const nodes = m.domain('node', 2);
    const link = m.refCell('link', nodes, { initial: 1 });
    const count = m.refcount('count', { count: 2, initial: [1, 0] });
    const bit = m.spinlock('lock_bit');
    m.actors(
      'reader',
      p.readers,
      () =>
        function* read() {
          if (!p.broken) yield* bit.lock();
          const n = yield* link.read();
          if (n !== null) yield* count.at(n).get();
          if (!p.broken) yield* bit.unlock();
          if (n !== null) yield* count.at(n).put();
        },
    );
    m.actor('writer', function* update() {
      yield* count.at(1).set(1); // allocate
      if (!p.broken) yield* bit.lock();
      const old = yield* link.read();
      yield* link.write(nodes.id(1));
      if (!p.broken) yield* bit.unlock();
      if (old !== null) yield* count.at(old).put();
    });
  },
});
