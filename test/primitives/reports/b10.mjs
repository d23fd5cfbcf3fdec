// coyote#495: the other thread sets the event before main resets it: the signal is wiped out. Fixed: reset first.
import { defineModel } from 'faultline';

export default defineModel({
  name: 'auto-reset',
  source: import.meta.url,
  parameters: { broken: true },
  build(m, p) {
    const ready = m.completion('threadReady');
    const event = m.completion('autoResetEvent1');
    m.actor('task', function* task() {
      yield* ready.wait();
      yield* event.complete();
    });
    m.actor('main', function* main() {
      if (!p.broken) yield* event.reinit();
      yield* ready.complete();
      if (p.broken) yield* event.reinit();
      yield* event.wait();
    });
  },
});
