/**
 * A ticket lock (Mellor-Crummey and Scott, "Algorithms for scalable synchronization", 1991). Broken: the ticket is drawn
 * by a read and a write.
 */

import { defineModel } from '../../../src/index.js';

export const ticketLock = defineModel({
  name: 'ticket-lock',
  source: import.meta.url,
  parameters: { actors: 3, broken: false },
  registers: 0,
  build(m, p) {
    const next = m.cell('next');
    const serving = m.cell('serving');
    const inside = m.cell('inside');
    function* task() {
      let ticket: number;
      if (p.broken) {
        ticket = yield* next.read();
        yield* next.write(ticket + 1);
      } else ticket = yield* next.fetchAdd(1);
      yield* serving.waitUntil((number) => number === ticket);
      yield* inside.add(1);
      yield* inside.add(-1);
      yield* serving.add(1);
    }
    m.actors('task', p.actors, () => task, { symmetric: true });
    m.always('exclusion', [inside], (count) => count <= 1 || 'two tasks hold the lock');
  },
});

export default ticketLock;
