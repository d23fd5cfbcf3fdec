// Eventra#8994 (p-limit shape): next() lowers activeCount and resolves the head of the queue, whose continuation runs in a later
// microtask; a call in between finds room. Fixed: the slot is handed over.
import { atomic, call, defineModel } from 'faultline';

export default defineModel({
  name: 'limit',
  source: import.meta.url,
  parameters: { broken: true, limit: 1, tasks: 3 },
  build(m, p) {
    const tasks = m.domain('task', p.tasks);
    const [active, running] = [m.cell('activeCount'), m.cell('running')];
    const queue = m.queue('queue', tasks);
    const resolved = m.completion('resolved', { count: p.tasks });
    function* run(self) {
      const queued = yield* atomic('run(fn)', function* () {
        if ((yield* active.read()) >= p.limit) {
          for (let slot = 0; slot < p.tasks; slot++) if (yield* queue.slots.at(slot).cmpxchg(null, self)) return true;
        }
        yield* active.add(1);
        yield* running.add(1);
        return false;
      });
      if (queued)
        yield* atomic('resume', function* () {
          yield* resolved.at(self).wait();
          if (p.broken) yield* active.add(1);
          yield* running.add(1);
        });
      yield* atomic('next()', function* () {
        yield* running.add(-1);
        const next = yield* queue.slots.at(0).read();
        if (next === null || p.broken) yield* active.add(-1);
        if (next === null) return;
        yield* queue.drop();
        yield* resolved.at(next).complete();
      });
    }
    m.actors('task', p.tasks, (i) => [call('run', run, tasks.id(i))], { symmetric: tasks });
    m.always('limit', [running], (n) => n <= p.limit || 'more tasks run than the limit allows');
  },
});
