import { expect, test } from 'vitest';
import { traceOf } from '../../src/core/story/trace.js';
import { compileModel, defineModel, type Model } from '../../src/index.js';
import { columnsOf } from '../../src/report/columns.js';
import { lockOrder } from './toy-models.js';

async function columns(model: Model, steps: readonly number[]): Promise<string> {
  const program = await compileModel(model);
  const trace = traceOf(program, program.actors, { steps, choices: [] });
  expect(trace.deadlock).toBeDefined();
  return columnsOf(trace);
}

test('last lock ops in columns, then who holds, who waits, who is queued, and the cycle', async () => {
  expect(await columns(lockOrder, [0, 1, 2])).toBe(`\
populate (populate gfn 0)   toucher (touch gfn 1)   unmapper (munmap)
-------------------------   ---------------------   -----------------
kvm_gmem_populate()
  down_write(
      invalidate_lock)
                            handle_mm_fault()
                              down_read(mmap_lock)
                                                    vm_munmap()
                                                      down_write(mmap_lock)
                                                          -> waits
  get_user_pages_fast()
    down_read(mmap_lock)
                              kvm_gmem_fault_user_
                                  mapping()
                                down_read(
                                  invalidate_lock)

 *** DEADLOCK ***

populate:
  holds invalidate_lock (write)
  waits in get_user_pages_fast() for mmap_lock (read): unmapper is queued
      for write
toucher:
  holds mmap_lock (read)
  waits in kvm_gmem_fault_user_mapping() for invalidate_lock (read):
      populate holds it for write
unmapper:
  holds no lock
  waits in vm_munmap() for mmap_lock (write): toucher holds it for read

Cycle: populate -> unmapper -> toucher -> populate

When this happens, populate waits for mmap_lock, unmapper waits for
mmap_lock, toucher waits for invalidate_lock: nobody can go on.
`);
});

/** Two mutexes in opposite order, after some work and a lock that is given up before. */
const abba = defineModel({
  name: 'abba',
  build(m) {
    const locks = [m.mutex('A'), m.mutex('B')];
    const early = m.mutex('early');
    const work = m.cell('work');
    m.actors(
      'task',
      2,
      (index) =>
        function* take() {
          yield* early.lock();
          yield* work.add(1);
          yield* early.unlock();
          yield* locks[index].lock();
          yield* work.add(1);
          yield* locks[index].trylock();
          yield* locks[1 - index].lock();
        },
    );
  },
});

test('locks that were given up and steps that take none are left out', async () => {
  const text = await columns(abba, [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
  expect(text.slice(0, text.indexOf('***'))).toBe(`\
task0 (take)   task1 (take)
------------   ------------
mutex_lock(A)
               mutex_lock(B)
mutex_lock(B)
               mutex_lock(A)

Of 12 steps, the columns show those that took a lock which is still held,
and the waits.

 `);
  expect(text).toContain('  waits in take for B: task1 holds it\n');
});

test('a wait that no lock explains shows all steps, what it sees, and that nobody can change that', async () => {
  const model = defineModel({
    name: 'lost-wakeup',
    build(m) {
      const flag = m.cell('flag');
      m.actor('sleeper', function* sleeper() {
        yield* flag.write(0);
        yield* flag.waitUntil((value) => value === 1);
      });
      m.actor('waker', function* waker() {
        yield* flag.write(1);
      });
    },
  });
  expect(await columns(model, [1, 0])).toBe(`\
sleeper          waker
-------          -----
                 flag = 1
flag = 0
wait until flag

 *** DEADLOCK ***

sleeper:
  holds no lock
  waits in sleeper at "wait until flag": flag is 0, and no task can run to
      change that

When this happens, sleeper is stuck at "wait until flag": nobody can go on.
`);
});

test('a task that finished with a lock held is named as its holder', async () => {
  const model = defineModel({
    name: 'forgotten',
    build(m) {
      const lock = m.mutex('lock');
      m.actors(
        'task',
        2,
        () =>
          function* take() {
            yield* lock.lock();
          },
      );
    },
  });
  const text = await columns(model, [1]);
  expect(text).toContain('  waits in take for lock: task1 holds it and has finished\n');
  expect(text).toMatch(/^task0 \(take\) {2,}task1 \(take\)\n/);
});
