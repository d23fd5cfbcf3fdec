/**
 * A bounded queue for several producers and consumers, with one mutex and two condition variables.
 *
 *   faultline verify examples/queue.ts                    verified
 *   faultline verify examples/queue.ts --set conditions=1 a deadlock: a signal wakes a producer where a consumer is meant
 */
import { check, defineModel, here } from 'faultline';

export default defineModel({
  name: 'bounded queue',
  source: import.meta.url,
  parameters: { producers: 2, consumers: 2, places: 1, conditions: 2 },
  registers: 4,
  build(m, { producers, consumers, places, conditions }) {
    const items = m.domain('item', producers);
    const queue = m.queue('queue', items, { capacity: places });
    const taken = m.cells('taken', producers);
    const lock = m.mutex('lock');
    const notFull = m.condition('not_full', { mutex: lock });
    const notEmpty = conditions === 2 ? m.condition('not_empty', { mutex: lock }) : notFull;

    function* produce(index: number) {
      yield* lock.lock();
      const again = yield* here();
      if (!(yield* queue.tryPut(items.id(index)))) {
        yield* notFull.wait();
        return yield* again();
      }
      yield* notEmpty.signal();
      yield* lock.unlock();
    }

    function* consume() {
      yield* lock.lock();
      const again = yield* here();
      const item = yield* queue.tryTake();
      if (item === null) {
        yield* notEmpty.wait();
        return yield* again();
      }
      yield* check((yield* taken.at(item).fetchAdd(1)) === 0, 'an item is taken twice');
      yield* notFull.signal();
      yield* lock.unlock();
    }

    m.actors('producer', producers, (index) => () => produce(index));
    m.actors('consumer', consumers, () => consume);
  },
});
