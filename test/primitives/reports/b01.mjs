// shuttle#74: one waits on a condition variable with a time limit, and nobody notifies: no deadlock. `timeout=false`: one.
import { defineModel } from 'faultline';

export default defineModel({
  name: 'wait-timeout',
  source: import.meta.url,
  parameters: { timeout: true },
  build(m, p) {
    const lock = m.mutex('lock');
    const notified = m.condition('notified', { mutex: lock });
    m.actor('main', function* main() {
      yield* lock.lock();
      yield* p.timeout ? notified.waitTimed() : notified.wait();
      yield* lock.unlock();
    });
  },
});
