/** Who is stuck: held against every state that can be reached, by brute force. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Routine } from '../../../src/core/ops/routine.js';
import type { Program } from '../../../src/core/program/program.js';
import { ActorSets } from '../../../src/core/run/actor-sets.js';
import { Executor } from '../../../src/core/run/executor.js';
import { StuckActors, stuckAmong } from '../../../src/core/run/stuck.js';
import { after, call } from '../../../src/index.js';
import type { ModelBuilder } from '../../../src/model/model-builder.js';
import { programOf, stepAll } from '../every-run.js';

/** Two mutexes, a rwsem and a rwlock, by number. */
interface Locks {
  take(lock: number): Routine;
  give(lock: number): Routine;
  /** Whether it got the lock. */
  attempt(lock: number): Routine<boolean>;
}

function locksOf(m: ModelBuilder): Locks {
  const [a, b, sem, spin, srcu] = [m.mutex('a'), m.mutex('b'), m.rwsem('sem'), m.rwlock('spin'), m.srcu('srcu')];
  return {
    *take(lock) {
      if (lock === 0) yield* a.lock();
      else if (lock === 1) yield* b.lock();
      else if (lock === 2) yield* sem.downRead();
      else if (lock === 3) yield* sem.downWrite();
      else if (lock === 4) yield* spin.readLock();
      else if (lock === 5) yield* spin.writeLock();
      else yield* srcu.synchronize();
    },
    *give(lock) {
      if (lock === 0) yield* a.unlock();
      else if (lock === 1) yield* b.unlock();
      else if (lock === 2) yield* sem.upRead();
      else if (lock === 3) yield* sem.upWrite();
      else if (lock === 4) yield* spin.readUnlock();
      else if (lock === 5) yield* spin.writeUnlock();
    },
    *attempt(lock) {
      return lock === 0 ? yield* a.trylock() : lock === 1 ? yield* b.trylock() : false;
    },
  };
}

/** What a task does with two locks: it takes them in order, or tries the second, and may keep the first. */
interface Task {
  readonly first: number;
  readonly second: number;
  readonly tries: boolean;
  readonly keeps: boolean;
}

const task: fc.Arbitrary<Task> = fc
  .record({ first: fc.nat(5), second: fc.nat(6), tries: fc.boolean(), keeps: fc.nat(4).map((n) => n === 0) })
  .filter(({ first, second }) =>
    first !== second && first >> 1 !== second >> 1 ? true : first < 2 && second < 2 && first !== second,
  );

function compiled(tasks: readonly Task[], daemons: number): Promise<Program> {
  return programOf((m) => {
    const locks = locksOf(m);
    tasks.forEach(({ first, second, tries, keeps }, i) => {
      m.actor(
        `t${i}`,
        function* works() {
          yield* locks.take(first);
          if (!tries) yield* locks.take(second);
          if (!tries || (yield* locks.attempt(second))) yield* locks.give(second);
          if (!keeps) yield* locks.give(first);
        },
        { daemon: ((daemons >> i) & 1) !== 0 },
      );
    });
  });
}

/** Every state, with the actors that can move in it or in a state behind it. */
function movers(program: Program): ReadonlyMap<string, number> {
  const executor = new Executor(program);
  const numbers = new Map<string, number>();
  const states: Int32Array[] = [];
  const edges: number[][] = [];
  const own: number[] = [];
  const add = (): number => {
    const key = executor.state.join();
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, states.length);
    return states.push(executor.state.slice()) - 1;
  };
  add();
  for (let number = 0; number < states.length; number++) {
    executor.load(states[number]);
    const runnable = [...executor.runnable.subarray(0, executor.runnableCount)];
    own[number] = runnable.reduce((set, actor) => set | (1 << actor), 0);
    edges[number] = runnable.map((actor) => {
      executor.load(states[number]);
      executor.step(actor);
      return add();
    });
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (let number = states.length - 1; number >= 0; number--) {
      const all = edges[number].reduce((set, next) => set | own[next], own[number]);
      if (all !== own[number]) changed = true;
      own[number] = all;
    }
  }
  return new Map([...numbers].map(([key, number]) => [key, own[number]]));
}

describe('stuck actors of random programs that only lock', () => {
  it('never move again, are all that wait at the end, and are found by the step that makes them so', async () => {
    const met = { stuck: 0, early: 0, finds: 0, idle: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(task, { minLength: 2, maxLength: 3 }), fc.nat(7), async (tasks, daemons) => {
        const program = await compiled(tasks, daemons);
        const future = movers(program);
        const required = tasks.reduce((set, _, i) => (((daemons >> i) & 1) === 0 ? set | (1 << i) : set), 0);
        const executor = new Executor(program);
        const stuck = new StuckActors(executor);
        for (const key of future.keys()) {
          const state = Int32Array.from(key.split(',').map(Number));
          executor.load(state);
          const waiting = tasks.reduce((set, _, i) => (executor.nodeOf(i) !== 0 ? set | (1 << i) : set), 0);
          const dead = waiting & ~(future.get(key) as number);
          const { all, deadlocked } = stuck;
          const runnable = [...executor.runnable.subarray(0, executor.runnableCount)];
          expect(all & ~dead).toBe(0);
          // Nothing but locks is waited for here.
          if (runnable.length === 0) expect(all).toBe(waiting);
          expect(deadlocked).toBe((all & required) !== 0);
          if (all !== 0) met.stuck++;
          if (all !== 0 && runnable.length > 0) met.early++;
          if (all !== 0 && !deadlocked) met.idle++;
          if (deadlocked) continue;
          for (const actor of runnable) {
            executor.load(state);
            const rests = executor.step(actor) & 8;
            const found = rests !== 0 && stuck.deadlockedBy(actor);
            expect(found).toBe(stuck.deadlocked);
            if (found) met.finds++;
          }
        }
      }),
      { numRuns: 150, seed: 1 },
    );
    for (const count of Object.values(met)) expect(count).toBeGreaterThan(15);
  });
});

describe('a task is stuck', () => {
  it('behind a call that waits for its own', async () => {
    const program = await programOf((m) => {
      const lock = m.mutex('lock');
      const holds = function* holds(): Routine {
        yield* lock.lock();
      };
      const gives = function* gives(): Routine {
        yield* lock.unlock();
      };
      m.actor('holder', [call('hold', holds), after([{ actor: 1, calls: 1 }], call('give', gives))]);
      m.actor('waiter', [call('take', holds)]);
    });
    const executor = new Executor(program);
    stepAll(executor, [0]);
    expect(new StuckActors(executor).all).toBe(3);
  });

  it('when it waits for one that has finished, and so is whoever waits for it', () => {
    // 0 waits for 1, which waits for 2, which has finished; 3 waits for 4, which is at work.
    expect(stuckAmong(new ActorSets(5), Int32Array.of(2, 4, 0, 16, 0), 4)).toBe(3);
  });

  it('when one of several in its way is', () => {
    // 0 waits for 1 and 2; 2 waits for itself; 1 is at work.
    expect(stuckAmong(new ActorSets(3), Int32Array.of(6, 0, 4), 0)).toBe(5);
  });
});
