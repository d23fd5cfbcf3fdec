// awslabs/shuttle#351: the upgrade of an upgradable read gives its hold back before it has the write lock, and a writer comes in
// between. Fixed: it keeps its hold, which keeps writers out, and waits for the other readers alone.
import { defineModel } from 'faultline';

export default defineModel({
  name: 'upgrade',
  source: import.meta.url,
  parameters: { broken: true },
  build(m, p) {
    // parking_lot::RwLock: an upgradable read keeps out writers and other upgradable reads, and no readers.
    const [upgradable, rwsem] = [m.mutex('upgradable'), m.rwsem('rwsem')];
    const value = m.cell('value');
    function* write() {
      yield* upgradable.lock();
      yield* rwsem.downWrite();
    }
    function* unlock() {
      yield* rwsem.upWrite();
      yield* upgradable.unlock();
    }
    m.actor('upgrader', function* upgrade() {
      yield* upgradable.lock();
      const seen = yield* value.read();
      if (p.broken) yield* upgradable.unlock();
      yield* p.broken ? write() : rwsem.downWrite();
      yield* value.write(seen + 1);
      yield* unlock();
    });
    m.actor('writer', function* writer() {
      yield* write();
      yield* value.add(1);
      yield* unlock();
    });
    m.actor('reader', function* reader() {
      yield* rwsem.downRead();
      yield* rwsem.upRead();
    });
    m.finally('no lost update', [value], (v) => v === 2 || 'the upgrade lost an update');
  },
});
