/**
 * N dining philosophers, one meal, left fork then right (E. W. Dijkstra, EWD 310, 1971). Broken as he tells it; with
 * ordered forks they all eat.
 */

import { defineModel } from '../../../src/index.js';

export const philosophers = defineModel({
  name: 'philosophers',
  source: import.meta.url,
  parameters: { count: 3, broken: true },
  registers: 0,
  build(m, p) {
    const forks = m.mutex('fork', { count: p.count });
    m.actors('philosopher', p.count, (left) => {
      const right = (left + 1) % p.count;
      const [first, second] = !p.broken && right < left ? [right, left] : [left, right];
      return function* dine() {
        yield* forks.at(first).lock();
        yield* forks.at(second).lock();
        yield* forks.at(second).unlock();
        yield* forks.at(first).unlock();
      };
    });
  },
});

export default philosophers;
