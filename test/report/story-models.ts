/**
 * Models after public reports, for tests of stories: sections in which it all happens, waiters that only look on, three
 * actors with long names. Sources: piscina issue 805, WebKit PR 7048, Linux wake_q_add() and the rwsem (2018/19).
 */
import { atomic, defineModel } from '../../src/index.js';

/** A pool with one worker: task 2 is aborted in the queue, then task 1 while it runs; task 3 never starts. */
export const skipQueue = defineModel({
  name: 'skip-queue',
  build(m) {
    const queued = m.cells('queued', 3);
    const aborted = m.cells('aborted', 3);
    const running = m.cell('running');
    const finished = m.cells('finished', 3);
    function* available() {
      for (let task = 0; task < 3; task++) {
        if ((yield* queued.at(task).read()) === 0) continue;
        yield* queued.at(task).write(0);
        if ((yield* aborted.at(task).read()) === 0) yield* running.write(task + 1);
        return;
      }
    }
    m.actor('user', function* user() {
      for (let task = 0; task < 3; task++) {
        yield* atomic(`run(task ${task + 1})`, function* () {
          if ((yield* running.read()) === 0) yield* running.write(task + 1);
          else yield* queued.at(task).write(1);
        });
      }
      for (const task of [1, 0]) {
        yield* atomic(`abort(task ${task + 1})`, function* () {
          yield* aborted.at(task).write(1);
          yield* finished.at(task).write(1);
          if ((yield* running.read()) !== task + 1) return;
          yield* running.write(0);
          yield* available();
        });
      }
    });
    const all = [finished.at(0), finished.at(1), finished.at(2)] as const;
    m.finally('all done', [...all], (a, b, c) => a + b + c === 3 || 'a task was never run');
  },
});

/** Atomics.wait() compares before it holds the lock of the list: the notifier finds nobody to wake. */
export const atomicsWait = defineModel({
  name: 'atomics-wait',
  parameters: { waiters: 4 },
  build(m, p) {
    const value = m.cell('ta[0]');
    const list = m.mutex('list_lock');
    const queued = m.cells('queued', p.waiters);
    const woken = m.cells('woken', p.waiters);
    m.actors(
      'waiter',
      p.waiters,
      (i) =>
        function* wait() {
          if ((yield* value.read()) !== 0) return;
          yield* list.lock();
          yield* queued.at(i).write(1);
          yield* list.unlock();
          yield* woken
            .at(i)
            .waitUntil((word) => word === 1)
            .named('sleep');
        },
    );
    m.actor('notifier', function* notify() {
      yield* value.write(1);
      yield* list.lock();
      for (let i = 0; i < p.waiters; i++) {
        if ((yield* queued.at(i).read()) === 1) yield* woken.at(i).write(1);
      }
      yield* list.unlock();
    });
  },
});

/** wake_q_add() of a task that is on somebody's list does nothing, and that somebody wakes it too early. */
export const wakeQueue = defineModel({
  name: 'wake-queue',
  build(m) {
    const next = m.cell('reader->wake_q.next', { initial: 1 });
    const state = m.cell('reader->state');
    const waiting = m.cell('waiter->task', { initial: 1 });
    m.actor('reader', function* rwsem_down_read_failed() {
      yield* state.write(2).named('set_current_state(TASK_UNINTERRUPTIBLE)');
      if ((yield* waiting.read()) === 0) return;
      yield* state.waitUntil((word) => word === 0).named('schedule()');
    });
    m.actor('other', function* wake_up_q() {
      yield* next.write(0);
      yield* state.write(0).named('wake_up_process(reader)');
    });
    m.actor('rwsem_waker', function* rwsem_mark_wake() {
      const queued = yield* next.cmpxchg(0, 1);
      yield* waiting.write(0).named('smp_store_release(&waiter->task, NULL)');
      if (queued) yield* state.write(0).named('wake_up_process(reader)');
    });
  },
});
