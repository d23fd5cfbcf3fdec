// parking_lot#101: A holds the upgradable lock and waits for reader C; B is queued for it; C blocks because somebody is queued.
// Fixed: only a queued writer stops readers. The lock is made of cells, and says so: the deadlock names who holds it.
import { defineModel, waitUntil } from 'faultline';

export default defineModel({
  name: 'upgradable',
  source: import.meta.url,
  parameters: { broken: true },
  build(m, p) {
    const upgradable = m.cell('upgradable');
    const readers = m.cell('readers');
    const queued = m.cell('parked');
    const done = m.completion('c_done');
    const lock = m.cellLock('rwlock');
    function* upgradableRead() {
      if (yield* lock.try(upgradable.cmpxchg(0, 1))) return;
      yield* queued.add(1);
      yield* lock.acquire(
        upgradable
          .waitUntil(
            (u) => u === 0,
            () => 1,
          )
          .named('upgradable_read(): parked'),
      );
      yield* queued.add(-1);
    }
    m.actor('A', function* a() {
      yield* upgradableRead();
      yield* done.wait();
      yield* lock.release(upgradable.write(0));
    });
    m.actor('B', function* b() {
      yield* upgradableRead();
      yield* lock.release(upgradable.write(0));
    });
    m.actor('C', function* c() {
      yield* lock.acquire(
        waitUntil([queued], (q) => !p.broken || q === 0, 'read(): wait while parked'),
        'read',
      );
      yield* readers.add(1);
      yield* lock.release(readers.add(-1), 'read');
      yield* done.complete();
    });
  },
});
