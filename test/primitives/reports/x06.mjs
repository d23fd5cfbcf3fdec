// A thread that is spawned only sometimes, and joined: verified.
import { choose, defineModel } from 'faultline';

export default defineModel({
  name: 'spawn',
  source: import.meta.url,
  build(m) {
    const child = m.spawned('child', function* child() {});
    m.actor('main', function* main() {
      if ((yield* choose(2, 'spawn?', ['no', 'yes'])) === 0) return;
      yield* child.spawn();
      yield* child.join();
    });
  },
});
