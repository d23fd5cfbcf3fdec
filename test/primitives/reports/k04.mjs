// Linux, locking/rwsem, missed wake-up by wake_q_add() (2018/19, Fixes e3851390): adding a task that is on somebody's wake_q
// already does nothing, and that somebody may wake it at once. Fixed: the rwsem's waker clears waiter->task before it adds.
import { defineModel } from 'faultline';

export default defineModel({
  name: 'rwsem-wakeq',
  source: import.meta.url,
  parameters: { broken: true },
  build(m, p) {
    const sleeper = m.waitQueue('reader');
    const task = m.cell('waiter->task', { initial: 1 });
    const node = m.cell('reader->wake_q.next', { initial: 1 }); // on the other waker's wake_q already
    function* wakeUpQ() {
      yield* node.write(0);
      yield* sleeper.wakeUp();
    }
    m.actor('reader', () =>
      sleeper.waitEvent(function* () {
        return (yield* task.read()) === 0;
      }),
    );
    m.actor('other', wakeUpQ);
    m.actor('rwsem_waker', function* rwsem_mark_wake() {
      if (!p.broken) yield* task.write(0);
      const mine = yield* node.cmpxchg(0, 1);
      if (p.broken) yield* task.write(0);
      if (mine) yield* wakeUpQ();
    });
  },
});
