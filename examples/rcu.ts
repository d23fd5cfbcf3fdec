/**
 * Read-copy-update: a writer replaces an object, waits for the readers of the old one, and frees it.
 *
 *   faultline verify examples/rcu.ts                  verified
 *   faultline verify examples/rcu.ts --set waits=false a reader reads an object that has been freed
 */
import { check, defineModel } from 'faultline';

export default defineModel({
  name: 'read-copy-update',
  source: import.meta.url,
  parameters: { readers: 2, waits: true },
  build(m, { readers, waits }) {
    const objects = m.domain('object', 2);
    const current = m.refCell('current', objects, { initial: 1 });
    const freed = m.cells('freed', 2);
    const rcu = m.rcu('rcu');

    function* reader() {
      yield* rcu.readLock();
      const object = yield* current.read();
      if (object !== null) {
        yield* check((yield* freed.at(object).read()) === 0, 'a reader reads a freed object', {
          kind: 'use-after-free',
        });
      }
      yield* rcu.readUnlock();
    }

    m.actors('reader', readers, () => reader, { symmetric: true });
    m.actor('writer', function* writer() {
      yield* current.write(objects.id(1));
      if (waits) yield* rcu.synchronize();
      yield* freed.at(0).write(1);
    });
  },
});
