// CVE-2023-53189: if (!timer_pending(t)) hold; mod_timer(t): a pending timer that fires in between is armed again without a
// reference. Fixed: hold if mod_timer() says that it was not pending.
import { defineModel } from 'faultline';

export default defineModel({
  name: 'addrconf-timer',
  source: import.meta.url,
  parameters: { broken: true },
  build(m, p) {
    const idev = m.refcount('idev->refcnt', { initial: 3 });
    const timer = m.workqueue('timers').work('rs_timer', () => idev.put(), { pending: true });
    m.actor('caller', function* addrconf_mod_rs_timer() {
      if (p.broken) {
        if ((yield* timer.pending.read()) === 0) yield* idev.get();
        yield* timer.queue();
      } else if (yield* timer.queue()) yield* idev.get();
    });
    const held = (r, t) => r === 2 + t || `${r} references where device, caller and timer hold ${2 + t}`;
    m.finally('references', [idev.cell, timer.pending], held);
  },
});
