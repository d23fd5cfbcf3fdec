// parking_lot#212: one thread reads twice, another asks for write in between: deadlock. read_recursive() is the way out.
import { defineModel } from 'faultline';

export default defineModel({
  name: 'recursive-read',
  source: import.meta.url,
  parameters: { recursive: false, writer: true },
  build(m, p) {
    const lock = m.rwlock('lock', { nesting: 2 });
    const read = () => (p.recursive ? lock.readLockRecursive() : lock.readLockCounted());
    m.actor('T0', function* t0() {
      yield* read();
      yield* read();
      yield* lock.readUnlockCounted();
      yield* lock.readUnlockCounted();
    });
    if (!p.writer) return;
    m.actor('T1', function* t1() {
      yield* lock.writeLock();
      yield* lock.writeUnlock();
    });
  },
});
