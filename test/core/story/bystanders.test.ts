/** Who matters to the end of a run, and who only stands by. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keepCalls } from '../../../src/core/story/kept-calls.js';
import { type Trace, traceOf } from '../../../src/core/story/trace.js';
import { choose, compileModel, defineModel } from '../../../src/index.js';
import type { ModelBuilder } from '../../../src/model/model-builder.js';
import { randomTrace } from '../../report/random-run.js';

/** A waiter that may be missed, tasks that choose whether to look, and one that goes its own way. */
const mixed = defineModel({
  name: 'mixed',
  build(m) {
    const [flag, woken, own] = [m.cell('flag'), m.cell('woken'), m.cell('own')];
    const lock = m.mutex('lock');
    m.actor('waiter', function* wait() {
      if ((yield* flag.read()) === 0) yield* woken.waitUntil((word) => word === 1);
    });
    m.actor('notifier', function* notify() {
      if ((yield* flag.read()) === 1) yield* woken.write(1);
      yield* lock.lock();
      yield* flag.write(1);
      yield* lock.unlock();
    });
    m.actors(
      'looker',
      2,
      () =>
        function* look() {
          if ((yield* choose(2, 'look?')) === 0) return;
          yield* lock.lock();
          yield* flag.read();
          yield* lock.unlock();
        },
    );
    m.actor('loner', function* alone() {
      for (let i = 0; i < 3; i++) yield* own.add(1);
    });
  },
});

/** A run in which actors take all their steps, in the order that is given by name. */
async function traceBy(build: (m: ModelBuilder) => void, order: readonly string[]): Promise<Trace> {
  const program = await compileModel(defineModel({ name: 'toy', build }));
  const steps = order.map((name) => program.actors.findIndex((actor) => actor.name === name));
  const trace = traceOf(program, program.actors, { steps, choices: [] });
  expect(trace.cutShort).toBeUndefined();
  return trace;
}

const names = ({ bystanders, actors }: Trace): string[] => bystanders.map((actor) => actors[actor].name);

/** A sleeper that looks at a flag first, with somebody who sets it. */
function lostWakeUp(
  other: (m: ModelBuilder, cells: Record<'flag' | 'sleeping', ReturnType<ModelBuilder['cell']>>) => void,
) {
  return (m: ModelBuilder): void => {
    const cells = { flag: m.cell('flag'), sleeping: m.cell('sleeping') };
    const { flag, sleeping } = cells;
    m.actor('sleeper', function* sleep() {
      if ((yield* flag.read()) === 1) return;
      yield* sleeping.write(1);
      yield* sleeping.waitUntil((word) => word === 0);
    });
    other(m, cells);
  };
}

test('whoever looks at what another wrote, and no more, stands by', async () => {
  const build = lostWakeUp((m, { flag }) => {
    m.actor('setter', function* set() {
      yield* flag.write(1);
    });
    m.actor('looker', function* look() {
      yield* flag.read();
    });
  });
  expect(names(await traceBy(build, ['sleeper', 'setter', 'looker', 'sleeper']))).toEqual(['looker']);
});

test('whoever came too early to wake the sleeper matters, although its steps changed nothing', async () => {
  const build = lostWakeUp((m, { sleeping }) => {
    m.actor('waker', function* wake() {
      if ((yield* sleeping.read()) === 1) yield* sleeping.write(0);
    });
  });
  expect(names(await traceBy(build, ['sleeper', 'waker', 'sleeper']))).toEqual([]);
});

test('a daemon that cannot go on matters to a deadlock, for it might have ended it', async () => {
  const build = lostWakeUp((m, { sleeping }) => {
    const [asked, slot] = [m.cell('asked', { initial: 1 }), m.cell('slot')];
    m.actor(
      'worker',
      function* work() {
        yield* asked.waitUntil((word) => word === 1);
        yield* slot.waitUntil((word) => word === 1);
        yield* sleeping.write(0);
      },
      { daemon: true },
    );
  });
  expect(names(await traceBy(build, ['worker', 'sleeper', 'sleeper']))).toEqual([]);
});

test('a lock that was given back matters to nobody, and one that is held does', async () => {
  const build = (held: boolean) =>
    lostWakeUp((m) => {
      const lock = m.mutex('lock');
      m.actor('locker', function* once() {
        yield* lock.lock();
        if (!held) yield* lock.unlock();
      });
    });
  expect(names(await traceBy(build(false), ['locker', 'locker', 'sleeper', 'sleeper']))).toEqual(['locker']);
  expect(names(await traceBy(build(true), ['locker', 'sleeper', 'sleeper']))).toEqual([]);
});

test('whoever stays only because of a bystander goes with it', async () => {
  const build = lostWakeUp((m) => {
    const own = m.cell('own');
    m.actor('giver', function* give() {
      yield* own.write(1);
    });
    m.actor('taker', function* take() {
      yield* own.read();
    });
  });
  expect(names(await traceBy(build, ['giver', 'taker', 'sleeper', 'sleeper']))).toEqual(['giver', 'taker']);
});

test('whoever wrote what a check of finished runs looks at matters', async () => {
  const build = (m: ModelBuilder): void => {
    const [sum, own] = [m.cell('sum'), m.cell('own')];
    m.actors(
      'adder',
      2,
      () =>
        function* add() {
          yield* sum.write(1);
        },
    );
    m.actor('idler', function* idle() {
      yield* own.write(1);
    });
    m.finally('all counted', [sum], (value) => value === 2 || 'one was lost');
  };
  expect(names(await traceBy(build, ['adder0', 'adder1', 'idler']))).toEqual(['idler']);
});

test('a run in which nothing breaks, or something in a step, has no bystanders', async () => {
  const build = (m: ModelBuilder): void => {
    const [cell, own] = [m.cell('cell'), m.cell('own')];
    m.actor('A', function* a() {
      yield* cell.write(1);
      yield* cell.write(2);
    });
    m.actor('B', function* b() {
      yield* own.write(1);
    });
    m.always('small', [cell], (value) => value < 2 || 'too large');
  };
  expect(names(await traceBy(build, ['B', 'A']))).toEqual([]);
  expect(names(await traceBy(build, ['B', 'A', 'A']))).toEqual([]);
});

test('without its bystanders a random run comes to the same end', async () => {
  const program = await compileModel(mixed);
  let spared = 0;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000 }), (seed) => {
      const trace = randomTrace(program, seed);
      const { actors, steps, schedule, bystanders } = trace;
      if (bystanders.length === 0) return;
      spared++;
      const kept = actors.map(({ calls }, actor) => (bystanders.includes(actor) ? [] : calls.map((_, call) => call)));
      const decided = steps.filter(({ decides }) => decides);
      const left = traceOf(program, keepCalls(actors, kept), {
        steps: schedule.steps.filter((actor) => !bystanders.includes(actor)),
        choices: schedule.choices.filter((_, place) => !bystanders.includes(decided[place].actor)),
      });
      expect(left.cutShort).toBeUndefined();
      expect([left.violation, left.deadlock]).toEqual([trace.violation, trace.deadlock]);
    }),
    { seed: 1, numRuns: 200 },
  );
  expect(spared).toBeGreaterThan(10);
});
