// Why completions exist (LKML 2008-04-13, quoting 2001-08): down() of a semaphore on the stack returns as soon as the count is
// up, the frame goes away, and up() touches sem.wait. Fixed: complete() does both under x->wait.lock.
import { atomic, check, defineModel } from 'faultline';

export default defineModel({
  name: 'semaphore-on-stack',
  source: import.meta.url,
  parameters: { broken: true },
  build(m, p) {
    const frame = m.refcount('frame');
    const [sem, done] = [m.semaphore('sem', { count: 0 }), m.completion('done')];
    function* wakeUp() {
      yield* check((yield* frame.read()) > 0, 'the stack frame is gone', { kind: 'use-after-free' });
    }
    m.actor('waiter', function* down() {
      yield* p.broken ? sem.down() : done.wait();
      yield* frame.put();
    });
    m.actor('waker', function* up() {
      if (p.broken) {
        yield* sem.up();
        yield* wakeUp();
      } else {
        yield* atomic('complete(done)', function* () {
          yield* done.complete();
          yield* wakeUp();
        });
      }
    });
  },
});
