// KVM irqfd shutdown (lkml 2026-03-16): work items take resampler_lock and synchronize SRCU with it held; the grace period needs
// a worker too. Right answer of this model: deadlock iff workers >= slots IN BOTH FORMS.
import { defineModel } from 'faultline';

export default defineModel({
  name: 'irqfd-srcu',
  source: import.meta.url,
  parameters: { broken: true, workers: 2, slots: 2, shared: true },
  build(m, p) {
    const kvm = m.workqueue('irqfd_cleanup', { maxActive: p.slots });
    const resampler = m.mutex('resampler_lock');
    const gp = (p.shared ? kvm : m.workqueue('srcu')).work('process_srcu', function* process_srcu() {});
    for (let i = 0; i < p.workers; i++) {
      kvm.work(
        `shutdown${i}`,
        function* irqfd_shutdown() {
          yield* resampler.lock();
          if (!p.broken) yield* resampler.unlock();
          yield* gp.queue();
          yield* gp.flush(); // synchronize_srcu_expedited()
          if (p.broken) yield* resampler.unlock();
        },
        { pending: true },
      );
    }
    m.actor('user', () => kvm.flush());
  },
});
