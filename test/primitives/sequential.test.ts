/** What each op of the primitives answers to one who is alone with it, and what it does to those who wait. */
import { describe, expect, it } from 'vitest';
import type { Routine } from '../../src/core/ops/routine.js';
import { Executor } from '../../src/core/run/executor.js';
import type { ModelBuilder } from '../../src/model/model-builder.js';
import { endsOf, everyRun, programOf, runnableOf, stepAll } from '../core/every-run.js';

/** What one routine notes when it is alone, value by value; daemons run where it waits. */
async function alone(routine: (m: ModelBuilder, note: (value: number | boolean) => Routine) => () => Routine<unknown>) {
  const program = await programOf((m) => {
    const noted = m.cells('noted', 20);
    const next = m.cell('next');
    function* note(value: number | boolean): Routine {
      const at = yield* next.fetchAdd(1);
      yield* noted.at(at).write(Number(value));
    }
    m.actor('one', routine(m, note));
  });
  let seen: number[] = [];
  const logs = new Set<string>();
  everyRun(program, (executor, end) => {
    const { base } = program.layout.regions.find(({ name }) => name === 'noted')!;
    const count = executor.state[program.layout.regions.find(({ name }) => name === 'next')!.base];
    seen = Array.from({ length: count }, (_, k) => executor.state[base + k]);
    logs.add(`${end} ${seen}`);
  });
  expect([...logs]).toHaveLength(1);
  return [...logs][0];
}

describe('semaphore', () => {
  it('counts, and says of every wait that may end whether it got in', async () => {
    const log = await alone((m, note) => {
      const sem = m.semaphore('sem', { count: 4 });
      return function* () {
        yield* sem.down();
        for (const down of [sem.downTrylock(), sem.downKillable(), sem.downInterruptible(), sem.downTimeout()])
          yield* note(yield* down);
        yield* sem.up();
        yield* note(yield* sem.downTrylock());
        yield* note(yield* sem.downTrylock());
      };
    });
    expect(log).toBe('complete 1,1,1,0,1,0');
  });

  it('lets one in for each that comes out, and one more for an up() of nobody', async () => {
    const program = await programOf((m) => {
      const sem = m.semaphore('sem', { count: 0 });
      for (let i = 0; i < 2; i++) {
        m.actor(`user${i}`, function* user() {
          yield* sem.down();
        });
      }
      m.actor('giver', function* giver() {
        yield* sem.up();
        yield* sem.up();
      });
    });
    const executor = new Executor(program);
    expect(runnableOf(executor)).toEqual([2]);
    stepAll(executor, [2]);
    expect(runnableOf(executor)).toEqual([0, 1, 2]);
    stepAll(executor, [1]);
    expect(runnableOf(executor)).toEqual([2]);
    stepAll(executor, [2, 0]);
    expect(executor.complete).toBe(true);
  });

  it('refuses a count that is none', async () => {
    await expect(programOf((m) => void m.semaphore('sem', { count: -1 }))).rejects.toThrow(
      'semaphore("sem") lets in -1; that is a whole number, at least 0',
    );
  });
});

describe('completion', () => {
  it('counts what was completed; complete_all() is for good, until it is made anew', async () => {
    const log = await alone((m, note) => {
      const done = m.completion('done');
      return function* () {
        yield* note(yield* done.tryWait());
        yield* done.complete();
        yield* done.complete();
        yield* note(yield* done.done());
        yield* done.wait();
        yield* note(yield* done.waitTimeout());
        yield* note(yield* done.waitKillable());
        yield* done.completeAll();
        yield* done.complete();
        yield* done.wait();
        yield* note(yield* done.waitInterruptible());
        yield* note(yield* done.tryWait());
        yield* done.reinit();
        yield* note(yield* done.done());
      };
    });
    expect(log).toBe('complete 0,1,1,0,1,1,0');
  });

  it('is one for each object where it is many', async () => {
    const log = await alone((m, note) => {
      const done = m.completion('done', { count: 2 });
      return function* () {
        yield* done.at(1).complete();
        yield* note(yield* done.at(0).done());
        yield* note(yield* done.at(1).done());
      };
    });
    expect(log).toBe('complete 0,1');
  });
});

describe('queue', () => {
  it('gives out first what came first, and has room for so many', async () => {
    const log = await alone((m, note) => {
      const items = m.domain('item', 3);
      const number = m.cells('number', 3);
      for (let i = 0; i < 3; i++) m.layout.setInitial(number.region.base + i, 5 + i);
      const queue = m.queue('queue', items, { capacity: 2 });
      return function* () {
        yield* note(yield* queue.isEmpty());
        yield* queue.put(items.id(2));
        yield* note(yield* queue.tryPut(items.id(0)));
        yield* note(yield* queue.tryPut(items.id(1)));
        yield* note(yield* number.at(yield* queue.take()).read());
        yield* queue.add(items.id(1));
        const first = yield* queue.first();
        if (first !== null) yield* note(yield* number.at(first).read());
        yield* queue.drop();
        const second = yield* queue.tryTake();
        if (second !== null) yield* note(yield* number.at(second).read());
        yield* note((yield* queue.tryTake()) === null);
        yield* queue.drained();
      };
    });
    expect(log).toBe('complete 1,1,0,7,5,6,1');
  });

  it('stops the run where more is added than it has room for', async () => {
    const program = await programOf((m) => {
      const items = m.domain('item', 1);
      const queue = m.queue('queue', items);
      m.actor('one', function* one() {
        yield* queue.add(items.id(0));
        yield* queue.add(items.id(0));
      });
    });
    const executor = new Executor(program);
    stepAll(executor, [0]);
    expect(() => executor.step(0)).toThrow('queue has more than 1 items; raise its capacity');
  });

  it('makes who puts wait for room and who takes for an item', async () => {
    const program = await programOf((m) => {
      const items = m.domain('item', 1);
      const queue = m.queue('queue', items);
      m.actor('taker', function* taker() {
        yield* queue.take();
      });
      m.actor('putter', function* putter() {
        yield* queue.put(items.id(0));
        yield* queue.put(items.id(0));
      });
    });
    const executor = new Executor(program);
    expect(runnableOf(executor)).toEqual([1]);
    stepAll(executor, [1]);
    expect(runnableOf(executor)).toEqual([0]);
    stepAll(executor, [0, 1]);
    expect(executor.complete).toBe(true);
  });
});

it('barrier: one of each round is the last, and the next round begins at once', async () => {
  const program = await programOf((m) => {
    const barrier = m.barrier('barrier', { parties: 2 });
    for (let i = 0; i < 2; i++) {
      m.actor(`party${i}`, function* party() {
        const first = yield* barrier.wait();
        const second = yield* barrier.wait();
        return Number(first) * 2 + Number(second);
      });
    }
  });
  const results = new Set<string>();
  everyRun(program, (executor, end) => results.add(`${end} ${executor.resultOf(0, 0)}${executor.resultOf(1, 0)}`));
  // Who is the last of the first round may come to the second before the other has noticed that the first is over.
  expect([...results].sort()).toEqual(['complete 03', 'complete 12', 'complete 21', 'complete 30']);
  await expect(programOf((m) => void m.barrier('barrier', { parties: 0 }))).rejects.toThrow(
    'barrier("barrier") is for parties: 0; that is a whole number, at least 1',
  );
});

describe('sequence counts', () => {
  it.each([undefined, 3])('a reader sees that a writer has been there, with bits: %s', async (bits) => {
    const log = await alone((m, note) => {
      const seq = m.seqcount('seq', bits === undefined ? {} : { bits });
      return function* () {
        const begun = yield* seq.readBegin();
        yield* note(yield* seq.readRetry(begun));
        yield* seq.writeBegin();
        yield* note(yield* seq.readRetry(begun));
        yield* seq.writeEnd();
        yield* note(yield* seq.readRetry(begun));
        const anew = yield* seq.readBegin();
        yield* note(yield* seq.readRetry(anew));
      };
    });
    expect(log).toBe('complete 0,1,1,0');
  });

  it.each([undefined, 3])('a reader waits for a writer to end, with bits: %s', async (bits) => {
    const program = await programOf((m) => {
      const seq = m.seqcount('seq', bits === undefined ? {} : { bits });
      m.actor('writer', function* writer() {
        yield* seq.writeBegin();
        yield* seq.writeEnd();
      });
      m.actor('reader', function* reader() {
        return yield* seq.read(function* () {
          return 7;
        });
      });
    });
    const executor = new Executor(program);
    stepAll(executor, [0]);
    expect(runnableOf(executor)).toEqual([0]);
    stepAll(executor, [0, 1, 1]);
    expect(executor.resultOf(1, 0)).toBe(7);
    everyRun(program, (run, end) => expect([end, run.resultOf(1, 0)]).toEqual(['complete', 7]));
  });

  it('an end without a beginning is a finding, and so is a writer in another', async () => {
    for (const ends of [true, false]) {
      const program = await programOf((m) => {
        const seq = m.seqcount('seq');
        m.actor('writer', function* writer() {
          if (ends) yield* seq.writeEnd();
          yield* seq.writeBegin();
          yield* seq.writeBegin();
        });
      });
      everyRun(program, (executor) => expect(executor.violation?.kind).toBe('lock-misuse'));
    }
  });

  it('a seqlock keeps writers and exclusive readers out, not readers', async () => {
    const program = await programOf((m) => {
      const seq = m.seqlock('seq');
      m.actor('excl', function* excl() {
        yield* seq.readLockExcl();
        yield* seq.readUnlockExcl();
      });
      m.actor('writer', function* writer() {
        yield* seq.writeLock();
        yield* seq.writeUnlock();
      });
      m.actor('reader', function* reader() {
        yield* seq.readRetry(yield* seq.readBegin());
      });
    });
    const executor = new Executor(program);
    stepAll(executor, [0]);
    expect(runnableOf(executor)).toEqual([0, 2]);
  });
});

describe('rcu', () => {
  it('a grace period waits for sections that had begun, nested or not, and for no later one', async () => {
    const program = await programOf((m) => {
      const rcu = m.rcu('rcu');
      for (const name of ['early', 'late']) {
        m.actor(name, function* reader() {
          yield* rcu.readLock();
          yield* rcu.readLock();
          yield* rcu.readUnlock();
          yield* rcu.readUnlock();
        });
      }
      m.actor('writer', () => rcu.synchronize());
    });
    const executor = new Executor(program);
    const [early, late, writer] = [0, 1, 2];
    stepAll(executor, [early, early, writer, writer, late]);
    expect(runnableOf(executor)).toEqual([early, late]);
    stepAll(executor, [late, early]);
    expect(runnableOf(executor)).toEqual([early, late]);
    stepAll(executor, [early]);
    // The late one is in its section still.
    expect(runnableOf(executor)).toEqual([late, writer]);
    expect(Object.keys(endsOf(program))).toEqual(['complete']);
  });

  it('a section that begins in one which began before a flip is waited for with it', async () => {
    const program = await programOf((m) => {
      const rcu = m.rcu('rcu');
      m.actor('reader', function* reader() {
        yield* rcu.readLock();
        yield* rcu.readLock();
        yield* rcu.readUnlock();
        yield* rcu.readUnlock();
      });
      m.actor('writer', () => rcu.synchronize());
    });
    const executor = new Executor(program);
    stepAll(executor, [0, 1, 1, 0, 0]);
    expect(runnableOf(executor)).toEqual([0]);
    stepAll(executor, [0]);
    expect(runnableOf(executor)).toEqual([1]);
  });

  it('leaving where one is not is a finding, and deeper than it has room for stops the run', async () => {
    const program = await programOf((m) => {
      const rcu = m.rcu('rcu', { nesting: 1 });
      m.actor('out', () => rcu.readUnlock());
      m.actor('deep', function* deep() {
        yield* rcu.readLock();
        yield* rcu.readLock();
      });
    });
    const executor = new Executor(program);
    stepAll(executor, [0]);
    expect(executor.violation).toMatchObject({ kind: 'lock-misuse' });
    executor.reset();
    stepAll(executor, [1]);
    expect(() => executor.step(1)).toThrow('nests rcu more than 1 deep');
  });
});

describe('work queues', () => {
  /** A user's script beside one work item that counts its runs. */
  async function withWork(
    user: (work: ReturnType<ReturnType<ModelBuilder['workqueue']>['work']>) => Routine<unknown>,
    pending = false,
  ): Promise<Executor> {
    const program = await programOf((m) => {
      const runs = m.cell('runs');
      const work = m.workqueue('queue').work('work', () => runs.add(1), { pending });
      m.actor('user', () => user(work));
    });
    return new Executor(program);
  }
  const [worker, user] = [0, 1];

  it('an item that is pending is queued once; one that runs may be queued again', async () => {
    const executor = await withWork(function* (work) {
      const first = yield* work.queue();
      const second = yield* work.queue();
      const third = yield* work.queue();
      return Number(first) * 4 + Number(second) * 2 + Number(third);
    });
    stepAll(executor, [user, user, worker, user]);
    expect(executor.resultOf(user, 0)).toBe(5);
    stepAll(executor, [worker, worker, worker, worker, worker]);
    expect(runnableOf(executor)).toEqual([]);
    const { base } = executor.program.layout.regions.find(({ name }) => name === 'runs')!;
    expect(executor.state[base]).toBe(2);
  });

  it('flush waits for what was queued last, and does not wait where nothing is', async () => {
    const executor = await withWork(function* (work) {
      const idle = yield* work.flush();
      yield* work.queue();
      yield* work.queue();
      const busy = yield* work.flush();
      return Number(idle) * 2 + Number(busy);
    });
    // It runs and is queued once more: the second run is waited for.
    stepAll(executor, [user, user, worker, user, user]);
    stepAll(executor, [worker, worker]);
    expect(runnableOf(executor)).toEqual([worker]);
    stepAll(executor, [worker, worker]);
    expect(runnableOf(executor)).toEqual([worker]);
    stepAll(executor, [worker]);
    expect(runnableOf(executor)).toEqual([user]);
    stepAll(executor, [user]);
    expect(executor.resultOf(user, 0)).toBe(1);
  });

  it('cancel says whether it was pending, and lets go who waits for a run that does not come', async () => {
    const executor = await withWork(function* (work) {
      return yield* work.cancel();
    }, true);
    stepAll(executor, [user]);
    expect(executor.resultOf(user, 0)).toBe(1);
    expect(runnableOf(executor)).toEqual([]);
    executor.reset();
    stepAll(executor, [worker, user]);
    expect(executor.resultOf(user, 0)).toBe(0);

    const program = await programOf((m) => {
      const x = m.cell('x');
      const work = m.workqueue('queue').work('work', () => x.read(), { pending: true });
      m.actor('flusher', () => work.flush());
      m.actor('canceller', () => work.cancel());
    });
    expect(Object.keys(endsOf(program))).toEqual(['complete']);
  });

  it('who waits for a run behind the one under way is let go with that, if it is cancelled', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      const work = m.workqueue('queue').work('work', () => x.read(), { pending: true });
      m.actor('queuer', () => work.queue());
      m.actor('flusher', () => work.flush());
      m.actor('canceller', () => work.cancel());
    });
    const executor = new Executor(program);
    const [item, queuer, flusher, canceller] = [0, 1, 2, 3];
    stepAll(executor, [item, queuer, flusher, canceller, item]);
    expect(runnableOf(executor)).toEqual([item]);
    stepAll(executor, [item]);
    expect(runnableOf(executor)).toEqual([flusher]);
  });

  it('nobody queues an item while somebody waits for it to be cancelled', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      const work = m.workqueue('queue').work('work', () => x.read(), { pending: true });
      m.actor('canceller', () => work.cancelSync());
      m.actor('other', () => work.queue());
    });
    const executor = new Executor(program);
    const [item, canceller, other] = [0, 1, 2];
    stepAll(executor, [item, canceller, other]);
    expect([executor.resultOf(other, 0), runnableOf(executor)]).toEqual([0, [item]]);
    stepAll(executor, [item, item, canceller, canceller]);
    expect(executor.resultOf(canceller, 0)).toBe(0);
    expect(runnableOf(executor)).toEqual([]);
  });
});

describe('reference counts', () => {
  it('one for each object: taken, dropped, released by who drops the last', async () => {
    const log = await alone((m, note) => {
      const counts = m.refcount('count', { count: 2, initial: [1, 0] });
      return function* () {
        yield* counts.at(0).get();
        yield* note(yield* counts.at(0).putAnd(() => note(9)));
        yield* note(yield* counts.at(0).putAnd(() => note(9)));
        yield* note(yield* counts.at(1).getUnlessZero());
        yield* counts.at(1).set(1);
        yield* note(yield* counts.at(1).getUnlessZero());
        yield* note(yield* counts.at(1).read());
      };
    });
    expect(log).toBe('complete 0,9,1,0,1,2');
  });

  it('a count that is full leaks its object', async () => {
    for (const take of ['get', 'getUnlessZero'] as const) {
      const program = await programOf((m) => {
        const count = m.refcount('count', { max: 2 });
        m.actor('one', function* one() {
          yield* count[take]();
          yield* count[take]();
        });
      });
      everyRun(program, (executor) => {
        expect(executor.violation).toMatchObject({ kind: 'leak', words: expect.stringContaining('saturated') });
      });
    }
  });

  it('says what list a number of counts starts with', async () => {
    await expect(programOf((m) => void m.refcount('c', { count: 2, initial: [1] }))).rejects.toThrow(
      'refcount("c") has 2 counts and starts with 1 values',
    );
    await expect(programOf((m) => void m.refcount('c', { initial: [1] }))).rejects.toThrow(
      'refcount("c") starts with a list, but is one count',
    );
  });
});

describe('spawned actors', () => {
  it('begin when they are spawned, are joined when they have ended, and are spawned once', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      const child = m.spawned('child', () => x.read());
      m.actor('main', function* main() {
        const early = yield* child.joinTimed();
        yield* child.spawn();
        yield* child.join();
        const late = yield* child.joinTimed();
        yield* child.spawn();
        return Number(early) * 2 + Number(late);
      });
    });
    const executor = new Executor(program);
    const [child, main] = [0, 1];
    expect(runnableOf(executor)).toEqual([main]);
    stepAll(executor, [main, main]);
    expect(runnableOf(executor)).toEqual([child]);
    stepAll(executor, [child, child, child]);
    expect(runnableOf(executor)).toEqual([main]);
    stepAll(executor, [main, main, main]);
    expect(executor.violation).toMatchObject({ words: 'it is spawned a second time' });
  });
});
