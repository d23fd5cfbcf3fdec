import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import type { Ref } from '../../src/core/ops/ref.js';
import { after, call, compute, defineModel, type Model, type Routine } from '../../src/index.js';
import type { ModelBuilder } from '../../src/model/model-builder.js';
import { verify } from '../../src/verify/verify.js';
import { mcsLock } from '../oracles/classic/mcs-lock.js';
import { ticketLock } from '../oracles/classic/ticket-lock.js';

/** A comes twice at most. */
const machine = setup({}).createMachine({
  id: 'thing',
  initial: 's0',
  states: {
    s0: { tags: 's0', on: { A: 's2', B: 's2' } },
    s2: { on: { A: 'bad', B: 's2' } },
    bad: { tags: 'violation', meta: { kind: 'assertion', words: 'A comes in s2' } },
  },
});

const ALL = { all: true, coverage: false };

/** A model of three tasks that get their identities. */
function modelOf(
  declare: (m: ModelBuilder, tasks: ReturnType<ModelBuilder['domain']>) => (self: Ref) => Routine,
): Model {
  return defineModel({
    name: 'tasks',
    build(m) {
      const tasks = m.domain('task', 3);
      const body = declare(m, tasks);
      m.actors('task', 3, (index) => [call('run', body, tasks.id(index))], { symmetric: tasks });
    },
  });
}

async function reasonsOf(model: Model): Promise<readonly string[]> {
  const { reductions } = await verify(model, ALL);
  expect(reductions.symmetry.used).toBe(false);
  return reductions.symmetry.reasons;
}

describe('interchangeable actors', () => {
  it.each([false, true])(
    'queue lock (broken: %s): folded states, the same findings and final states',
    async (broken) => {
      const model = mcsLock.with({ actors: 3, broken });
      const plain = await verify(model, { ...ALL, symmetry: false, por: false });
      const folded = await verify(model, { ...ALL, por: false });
      expect(folded.reductions.symmetry.groups).toEqual([['task0', 'task1', 'task2']]);
      expect(folded.states).toBeLessThan(plain.states / 4);
      expect(folded.finalStates).toBe(plain.finalStates);
      expect(folded.findings.map(({ signature }) => signature).sort()).toEqual(
        plain.findings.map(({ signature }) => signature).sort(),
      );
    },
  );

  it('are found without being declared: same routine, same arguments', async () => {
    const model = defineModel({
      name: 'twins',
      build(m) {
        const cell = m.cell('cell');
        function* run() {
          yield* cell.add(1);
          yield* cell.add(2);
        }
        for (const name of ['left', 'right']) m.actor(name, [call('run', run)]);
      },
    });
    const { reductions, states } = await verify(model, { ...ALL, por: false });
    expect(reductions.symmetry.groups).toEqual([['left', 'right']]);
    expect(states).toBe(6);
  });

  it('take a step once where they stand alike', async () => {
    const model = defineModel({
      name: 'counters',
      build(m) {
        const cell = m.cell('cell');
        function* run() {
          yield* cell.add(1);
        }
        m.actors('task', 3, () => run, { symmetric: true });
      },
    });
    const { states, transitions, finalStates } = await verify(model, { ...ALL, por: false });
    expect({ states, transitions, finalStates }).toEqual({ states: 4, transitions: 3, finalStates: 1 });
  });

  it('tell final states apart by who differs: eight tasks of which one drew the prize', async () => {
    const model = defineModel({
      name: 'prize',
      build(m) {
        const prize = m.cell('prize', { initial: 1 });
        function* draw() {
          return yield* prize.swap(0);
        }
        m.actors('task', 8, () => draw, { symmetric: true });
      },
    });
    const { finalStates, states, ...result } = await verify(model, { ...ALL, por: false });
    expect({ finalStates, folded: result.finalStatesFolded }).toEqual({ finalStates: 8, folded: false });
    expect(states).toBeLessThan(40);
  });

  it('that each have a lock of their own are sorted by who holds it', async () => {
    const model = defineModel({
      name: 'own-locks',
      build(m) {
        const tasks = m.domain('task', 4);
        const locks = m.mutex('locks', { count: 4 });
        const drawn = m.cell('drawn');
        function* run(self: Ref) {
          const number = yield* drawn.fetchAdd(1);
          yield* locks.at(self).trylock();
          return number;
        }
        m.actors('task', 4, (index) => [call('run', run, tasks.id(index))], { symmetric: tasks });
      },
    });
    // How many have drawn, and which of the numbers that were drawn belong to tasks that have locked: 1 + 2 + 4 + 8 + 16.
    expect((await verify(model, { ...ALL, por: false, merge: false })).states).toBe(31);
  });

  it('leave alone what belongs to others of their domain', async () => {
    const model = defineModel({
      name: 'foreign',
      registers: 24,
      build(m) {
        const tasks = m.domain('task', 3);
        const [own, next] = [m.cells('own', 3), m.cells('next', 3, { refTo: tasks })];
        const shared = m.refCell('shared', tasks);
        const [drawn, bad] = [m.cell('drawn'), m.cell('bad')];
        function* member(self: Ref) {
          if ((yield* drawn.fetchAdd(1)) === 0) {
            yield* own.at(self).write(1);
            yield* shared.write(self);
          }
          yield* drawn.read();
        }
        function* other(self: Ref) {
          const first = yield* shared.read();
          if (first === null) return;
          yield* next.at(self).write(first);
          yield* drawn.read();
          const kept = yield* next.at(self).read();
          if (kept !== null && (yield* own.at(kept).read()) === 0) yield* bad.write(1);
        }
        m.actors('task', 3, (index) => [call('run', index < 2 ? member : other, tasks.id(index))], {
          symmetric: tasks,
        });
        m.always('bad', [bad], (value) => value === 0);
      },
    });
    const { verdict, reductions } = await verify(model, ALL);
    expect(reductions.symmetry.groups).toEqual([['task0', 'task1']]);
    expect(verdict).toBe('verified');
  });

  it('that hold locks are sorted with the bits of their locks', async () => {
    const model = defineModel({
      name: 'locked',
      parameters: { tasks: 4 },
      build(m, p) {
        const [lock, sem, cell] = [m.mutex('lock'), m.rwsem('sem'), m.cell('cell')];
        function* run() {
          yield* sem.downRead();
          yield* lock.lock();
          yield* cell.add(1);
          yield* lock.unlock();
          yield* sem.upRead();
          yield* sem.downWrite();
          yield* sem.upWrite();
        }
        m.actors('task', p.tasks, () => run, { symmetric: true });
      },
    });
    const plain = await verify(model, { ...ALL, symmetry: false, por: false });
    const folded = await verify(model, { ...ALL, por: false });
    expect(folded.finalStates).toBe(plain.finalStates);
    expect(folded.verdict).toBe(plain.verdict);
    expect(folded.states).toBeLessThan(plain.states / 10);
  });

  it('tell their final states apart again: each task may have drawn each ticket', async () => {
    const model = ticketLock.with({ actors: 3 });
    const plain = await verify(model, { ...ALL, symmetry: false });
    const folded = await verify(model, ALL);
    expect([folded.finalStates, plain.finalStates]).toEqual([1, 1]);
  });
});

describe('what is reached through a pointer', () => {
  /** Every actor sends A and B to the thing that a cell points to, which others point elsewhere meanwhile. */
  const pointers = defineModel({
    name: 'pointers',
    build(m) {
      const things = m.objects('thing', machine, 2);
      const cell = m.refCell('cell', things);
      function* run(self: Ref) {
        yield* things.follow(cell, 'A');
        yield* cell.write(self);
        yield* cell.write(self);
        yield* things.follow(cell, 'B');
      }
      m.actors('actor', 2, (index) => [call('run', run, things.id(index))], { symmetric: things });
    },
  });

  it('belongs to the one it is pointed at: the same findings with symmetry and without', async () => {
    const plain = await verify(pointers, { ...ALL, symmetry: false, por: false });
    const folded = await verify(pointers, { ...ALL, por: false });
    expect(folded.reductions.symmetry.groups).toEqual([['actor0', 'actor1']]);
    expect(plain.verdict).toBe('violation');
    expect(folded.findings.map(({ signature }) => signature)).toEqual(plain.findings.map(({ signature }) => signature));
    expect(folded.states).toBeLessThan(plain.states);
    expect(folded.finalStates).toBe(plain.finalStates);
  });

  it.each([-1, -0x4000_0000, -0x4000_0001, -0x8000_0000])(
    'is no mark: %i in a cell of one, itself in another',
    async (mark) => {
      const model = defineModel({
        name: 'marks',
        build(m) {
          const who = m.domain('who', 2);
          const own = m.cells('own', 2, { refTo: who });
          const [turn, done, wins] = [m.cell('turn'), m.cell('done'), m.cell('wins')];
          function* run(self: Ref) {
            if ((yield* turn.fetchAdd(1)) === 0) yield* own.at(self).mark(mark);
            else yield* own.at(self).write(self);
            yield* done.add(1);
            yield* done.waitUntil((count) => count >= 2);
            if (yield* own.at(self).equals(self)) yield* wins.add(1);
          }
          m.actors('actor', 2, (index) => [call('run', run, who.id(index))], { symmetric: who });
          m.always('nobody wins', [wins], (count) => count === 0 || 'somebody won');
        },
      });
      const { verdict, reductions } = await verify(model, { ...ALL, por: false });
      expect(verdict).toBe('violation');
      expect(reductions.symmetry.used).toBe(true);
    },
  );
});

describe('symmetry is off, with the reason, when', () => {
  it('another group has the same identities', async () => {
    const model = defineModel({
      name: 'pairs',
      registers: 24,
      build(m) {
        const pairs = m.domain('pair', 2);
        const own = m.cells('own', 2);
        const drawn = m.cell('drawn');
        function* give(self: Ref) {
          if ((yield* drawn.fetchAdd(1)) === 0) yield* own.at(self).write(1);
          yield* drawn.read();
        }
        function* wait(self: Ref) {
          yield* own.at(self).waitUntil((value) => value === 1);
          yield* drawn.read();
        }
        function* look(self: Ref) {
          if ((yield* own.at(self).read()) === 0) throw new Error('it waited for that');
        }
        m.actors('a', 2, (index) => [call('give', give, pairs.id(index))], { symmetric: pairs });
        m.actors('b', 2, (index) => [call('wait', wait, pairs.id(index)), call('look', look, pairs.id(index))], {
          symmetric: pairs,
          daemon: true,
        });
      },
    });
    expect((await reasonsOf(model))[0]).toMatch(/a call of b0 names pair 0/);
  });

  it('routines differ', async () => {
    const model = defineModel({
      name: 'numbered',
      build(m) {
        const cell = m.cell('cell');
        const task = (number: number) =>
          function* run() {
            yield* cell.write(number);
          };
        m.actors('task', 2, task, { symmetric: true });
      },
    });
    expect(await reasonsOf(model)).toEqual([
      'task0 and task1 run copies of one routine: define it once, outside of what makes one for each; what they differ ' +
        'in, if anything, pass as an identity (symmetric: domain), not in a closure',
    ]);
  });

  it('routines differ in their text', async () => {
    const model = defineModel({
      name: 'two routines',
      build(m) {
        const cell = m.cell('cell');
        const routines = [
          function* adds() {
            yield* cell.add(1);
          },
          function* writes() {
            yield* cell.write(1);
          },
        ];
        m.actors('task', 2, (index) => routines[index], { symmetric: true });
      },
    });
    expect(await reasonsOf(model)).toEqual([
      'task0 and task1 run different routines: pass what they differ in as an identity (symmetric: domain), not in a closure',
    ]);
  });

  it('there is one actor, which has no orders to leave out either', async () => {
    const model = defineModel({
      name: 'alone',
      build(m) {
        const cell = m.cell('cell');
        m.actor('task', function* adds() {
          yield* cell.add(1);
        });
      },
    });
    const { reductions } = await verify(model, ALL);
    expect(reductions.por).toEqual({ used: false, reasons: ['there is one actor'] });
  });

  it.each<[string, Model, RegExp]>([
    [
      'an op names one of them',
      modelOf((m, tasks) => {
        const owner = m.refCell('owner', tasks);
        return function* run() {
          yield* owner.write(tasks.id(1));
        };
      }),
      /names an identity/,
    ],
    [
      'a cell of theirs is named by position',
      modelOf((m) => {
        const own = m.cells('own', 3);
        return function* run(self) {
          yield* own.at(self).write(1);
          yield* own.at(0).read();
        };
      }),
      /names a cell of own by position/,
    ],
    [
      'an op records in a cell of theirs by position',
      modelOf((m) => {
        const own = m.cells('own', 3);
        const turns = m.cell('turns');
        return function* run(self) {
          yield* own.at(self).write(1);
          yield* turns.add(1).record(own.at(0), (count) => count + 1);
        };
      }),
      /names a cell of own by position/,
    ],
    [
      'a number that was loaded picks a cell of theirs',
      modelOf((m) => {
        const own = m.cells('own', 3);
        const which = m.cell('which', { initial: 1 });
        return function* run(self) {
          yield* own.at(self).write(1);
          const loaded = yield* which.load();
          yield* own.at(loaded).read();
        };
      }),
      /picks a cell of own by what is none of them/,
    ],
    [
      'a number that was loaded is stored as one of them',
      modelOf((m, tasks) => {
        const owner = m.refCell('owner', tasks);
        const which = m.cell('which', { initial: 1 });
        return function* run(self) {
          yield* owner.write(self);
          const loaded = yield* which.load();
          yield* owner.write(loaded);
        };
      }),
      /puts an identity beside what is none/,
    ],
    [
      'one of them is compared with a ref to something else',
      modelOf((m) => {
        const things = m.domain('thing', 3);
        const thing = m.refCell('thing', things, { initial: 2 });
        return function* run(self) {
          yield* thing.equals(self);
        };
      }),
      /puts an identity beside a cell that is no ref to it/,
    ],
    [
      'a pointer to something else leads to objects of theirs',
      modelOf((m) => {
        const things = m.domain('thing', 3);
        const pointer = m.refCell('pointer', things, { initial: 2 });
        const objects = m.objects('object', machine, 3);
        return function* run(self) {
          yield* objects.at(self).send('A');
          yield* objects.follow(pointer, 'B');
        };
      }),
      /picks a cell of object by what is none of them/,
    ],
    [
      'one of them takes the first object that fits, of objects that each has one of',
      modelOf((m) => {
        const objects = m.objects('object', machine, 3);
        return function* run(self) {
          yield* objects.at(self).send('A');
          yield* objects.claim('s0', 'B');
        };
      }),
      /names a cell of object by position/,
    ],
    [
      'an op computes with an identity',
      modelOf((m) => {
        const cell = m.cell('cell');
        return function* run(self) {
          yield* compute(
            'cell = self',
            [cell, self],
            (values) => {
              values[0] = values[1];
            },
            { writes: true },
          );
        };
      }),
      /computes with an identity/,
    ],
    [
      'a check looks at an identity',
      modelOf((m, tasks) => {
        const owner = m.refCell('owner', tasks);
        m.always('not the last', [owner], (value) => value !== 3);
        return function* run(self) {
          yield* owner.write(self);
        };
      }),
      /check "not the last" looks at owner/,
    ],
    [
      'a cell starts with one of them',
      modelOf((m, tasks) => {
        const owner = m.refCell('owner', tasks, { initial: 2 });
        return function* run(self) {
          yield* owner.write(self);
        };
      }),
      /owner starts with task 1/,
    ],
    [
      'a closure tells one from another',
      modelOf((m, tasks) => {
        const owner = m.refCell('owner', tasks);
        const last = m.ghost('last');
        return function* run(self) {
          yield* owner.write(self);
          yield* owner.holds().record(last, (_, seen) => seen);
        };
      }),
      /on owner tells one task from another/,
    ],
  ])('%s', async (_, model, reason) => {
    expect((await reasonsOf(model)).join()).toMatch(reason);
  });

  it('a call waits for one of them by number', async () => {
    const model = defineModel({
      name: 'gated',
      build(m) {
        const cell = m.cell('cell');
        function* run() {
          yield* cell.add(1);
        }
        m.actors('task', 2, () => [call('run', run)], { symmetric: true });
        m.actor('last', [after([{ actor: 0, calls: 1 }], call('run', run))]);
      },
    });
    expect((await reasonsOf(model)).join()).toMatch(/a call of last waits for calls of task0/);
  });

  it('it is switched off', async () => {
    const { reductions } = await verify(mcsLock, { ...ALL, symmetry: false });
    expect(reductions.symmetry).toEqual({ used: false, reasons: ['switched off'], groups: [] });
  });
});
