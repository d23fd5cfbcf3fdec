// mutex_lock_killable(): kill=true: verified; kill=false: a deadlock of two locks in opposite orders.
import { defineModel } from 'faultline';

export default defineModel({
  name: 'killable',
  source: import.meta.url,
  parameters: { kill: true },
  build(m, p) {
    const [a, b] = [m.mutex('A'), m.mutex('B')];
    m.actor('T1', function* t1() {
      yield* a.lock();
      if (!p.kill) yield* b.lock();
      if (!p.kill || (yield* b.lockKillable())) yield* b.unlock();
      yield* a.unlock();
    });
    m.actor('T2', function* t2() {
      yield* b.lock();
      yield* a.lock();
      yield* a.unlock();
      yield* b.unlock();
    });
  },
});
