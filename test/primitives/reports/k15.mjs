// NuttX timer_delete(): work_cancel() takes the notification off the queue, but one that runs goes on; timer_free() frees what it
// uses. Fixed: work_cancel_sync().
import { atomic, defineModel } from 'faultline';

export default defineModel({
  name: 'nuttx-timer',
  source: import.meta.url,
  parameters: { broken: true },
  build(m, p) {
    const armed = m.cell('timer_armed', { initial: 1 });
    const timer = m.refcount('timer');
    const work = m.workqueue('hpwork').work('notification', function* nxsig_notification_worker() {
      yield* timer.get();
      yield* timer.put();
    });
    m.actor('irq', () =>
      atomic('timer expires', function* () {
        if ((yield* armed.swap(0)) === 1) yield* work.queue();
      }),
    );
    m.actor('user', function* timer_delete() {
      yield* armed.write(0);
      yield* p.broken ? work.cancel() : work.cancelSync();
      yield* timer.put(); // timer_free()
    });
  },
});
