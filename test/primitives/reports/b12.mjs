// piscina#805: task 2 is aborted while queued, then the running task 1: the pool meets aborted task 2 first and returns: task 3
// never starts. Fixed: it goes on to the next.
import { atomic, call, defineModel, here } from 'faultline';

export default defineModel({
  name: 'skip-queue',
  source: import.meta.url,
  parameters: { broken: true, tasks: 3 },
  build(m, p) {
    const tasks = m.domain('task', p.tasks);
    const queue = m.queue('queue', tasks);
    const aborted = m.cells('aborted', p.tasks);
    const finished = m.cells('finished', p.tasks);
    const running = m.refCell('running', tasks);
    function* available() {
      // _onWorkerAvailable: one turn of the event loop
      for (let tries = 0; tries < p.tasks; tries++) {
        const next = yield* queue.slots.at(0).read();
        if (next === null) return;
        yield* queue.drop();
        if ((yield* aborted.at(next).read()) === 0) {
          yield* running.write(next);
          return;
        }
        if (p.broken) return;
      }
    }
    const submit = (task) =>
      atomic('run(task)', function* () {
        if (yield* running.cmpxchg(null, task)) return;
        for (let slot = 0; slot < p.tasks; slot++) if (yield* queue.slots.at(slot).cmpxchg(null, task)) return;
      });
    const abort = (task) =>
      atomic('abort(task)', function* () {
        yield* aborted.at(task).write(1);
        yield* finished.at(task).write(1);
        if (yield* running.cmpxchg(task, null)) yield* available();
      });
    const ids = Array.from({ length: p.tasks }, (_, t) => tasks.id(t));
    m.actor('user', [
      ...ids.map((id) => call('submit', submit, id)),
      ...[1, 0].map((t) => call('abort', abort, ids[t])),
    ]);
    m.actor(
      'worker',
      function* worker() {
        const again = yield* here();
        yield* atomic('task ends', function* () {
          yield* m.waitUntil([running], (r) => r !== 0);
          const task = yield* running.read();
          yield* finished.at(task).write(1);
          yield* running.write(null);
          yield* available();
        });
        yield* again();
      },
      { daemon: true },
    );
    const all = ids.map((_, t) => finished.at(t));
    m.finally('all done', all, (...f) => f.every((x) => x === 1) || 'a task was never run');
  },
});
