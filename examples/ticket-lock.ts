/**
 * A ticket lock made of two cells: who draws a number waits until it is served. `cellLock` tells reports that it is a lock.
 *
 *   faultline verify examples/ticket-lock.ts                    verified
 *   faultline verify examples/ticket-lock.ts --set atomic=false two tasks draw the same number, and both are in
 */
import { defineModel } from 'faultline';

export default defineModel({
  name: 'ticket lock',
  source: import.meta.url,
  parameters: { tasks: 3, atomic: true },
  build(m, { tasks, atomic }) {
    const next = m.cell('next');
    const serving = m.cell('serving');
    const inside = m.cell('inside');
    const ticketLock = m.cellLock('ticket_lock');

    function* draw() {
      if (atomic) return yield* next.fetchAdd(1);
      const number = yield* next.read();
      yield* next.write(number + 1);
      return number;
    }

    function* task() {
      const mine = yield* draw();
      yield* ticketLock.acquire(serving.waitUntil((number) => number === mine));
      yield* inside.add(1);
      yield* inside.add(-1);
      yield* ticketLock.release(serving.add(1));
    }

    m.actors('task', tasks, () => task, { symmetric: true });
    m.always('one at a time', [inside], (count) => count <= 1 || 'two tasks hold the lock');
  },
});
