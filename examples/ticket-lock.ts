/**
 * A ticket lock made of two cells: who draws a number waits until it is served. `cellLock` tells reports that it is a lock.
 * The tracepoints are what a real ticket lock logs (examples/conform).
 *
 *   faultline verify examples/ticket-lock.ts                    verified
 *   faultline verify examples/ticket-lock.ts --set atomic=false two tasks draw the same number, and both are in
 */
import { call, defineModel, tracepoint } from 'faultline';

export default defineModel({
  name: 'ticket lock',
  source: import.meta.url,
  parameters: { tasks: 3, atomic: true, rounds: 1 },
  build(m, { tasks, atomic, rounds }) {
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
      yield* tracepoint('drew', mine);
      yield* ticketLock.acquire(serving.waitUntil((number) => number === mine));
      yield* tracepoint('is in', mine);
      yield* inside.add(1);
      yield* inside.add(-1);
      yield* tracepoint('leaves', mine);
      yield* ticketLock.release(serving.add(1));
    }

    const script = () => Array.from({ length: rounds }, () => call('lock', task));
    m.actors('task', tasks, script, { symmetric: true });
    m.always('one at a time', [inside], (count) => count <= 1 || 'two tasks hold the lock');
  },
});
