// WebKit PR 7048: Atomics.wait() compared the value before it held the waiter list's lock. Fixed: compares under the lock.
import { defineModel } from 'faultline';

export default defineModel({
  name: 'atomics-wait',
  source: import.meta.url,
  parameters: { broken: true, waiters: 2 },
  build(m, p) {
    const value = m.cell('ta[0]');
    const list = m.spinlock('list_lock');
    const waiters = m.waitQueue('waiters');
    function* wait() {
      if (p.broken && (yield* value.read()) !== 0) return;
      yield* list.lock();
      const changed = !p.broken && (yield* value.read()) !== 0;
      if (!changed) yield* waiters.prepare();
      yield* list.unlock();
      yield* waiters.schedule();
    }
    m.actors('waiter', p.waiters, () => wait, { symmetric: true });
    m.actor('notifier', function* notify() {
      yield* value.write(1);
      yield* list.lock();
      yield* waiters.wakeUpAll();
      yield* list.unlock();
    });
  },
});
