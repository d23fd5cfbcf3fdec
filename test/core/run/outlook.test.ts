import { describe, expect, it } from 'vitest';
import { Executor } from '../../../src/core/run/executor.js';
import { isAtEnd, Outlook, type Prospect } from '../../../src/core/run/outlook.js';
import { choose, compileModel, defineModel, here, type Model, type ModelBuilder } from '../../../src/index.js';

function modelOf(build: (m: ModelBuilder) => void): Model {
  return defineModel({ name: 'outlook', build });
}

/** What can come of a run after some steps of its actors. */
async function prospectAfter(model: Model, steps: readonly number[], most?: number): Promise<Prospect> {
  const { executor, program } = await runTo(model, steps);
  return new Outlook(program).of(executor, most);
}

async function runTo(model: Model, steps: readonly number[]) {
  const program = await compileModel(model);
  const executor = new Executor(program);
  for (const actor of steps) executor.step(actor);
  return { program, executor };
}

/** A task that spins until a flag is set; `setter` sets it if nobody spoiled it before. */
const spins = modelOf((m) => {
  const [flag, spoiled] = [m.cell('flag'), m.cell('spoiled')];
  m.actor('spinner', function* spin() {
    const again = yield* here();
    if ((yield* flag.read()) === 0) yield* again();
  });
  m.actor('setter', function* set() {
    if ((yield* spoiled.read()) === 0) yield* flag.write(1);
  });
  m.actor('spoiler', function* spoil() {
    yield* spoiled.write(1);
  });
});
const [SPINNER, SETTER, SPOILER] = [0, 1, 2];

describe('a run in which somebody must still finish', () => {
  it('is open while an end can be reached', async () => {
    expect(await prospectAfter(spins, [SPINNER, SPINNER])).toMatchObject({ kind: 'open' });
    expect(await prospectAfter(spins, [SETTER, SPOILER])).toMatchObject({ kind: 'open' });
  });

  it('is a livelock once none can be, whoever could still do something', async () => {
    const spoiled = await prospectAfter(spins, [SPOILER]);
    expect(spoiled).toMatchObject({ kind: 'livelock', starved: [SPINNER], movers: [SPINNER] });
    // The setter finishes first: the round is what nothing leads out of.
    expect(spoiled).toMatchObject({ way: [{ actor: SETTER, choice: -1 }], once: [{ actor: SPINNER, choice: -1 }] });
  });

  it('is open where nobody can go on or something breaks: that is an end as well', async () => {
    const stuck = modelOf((m) => {
      const [flag, lock] = [m.cell('flag'), m.cell('lock')];
      m.actor('spinner', function* spin() {
        const again = yield* here();
        if ((yield* flag.read()) === 0) yield* again();
        yield* lock.waitUntil((value) => value === 1);
      });
      m.actor('setter', function* set() {
        yield* lock.read();
        yield* flag.write(1);
      });
    });
    expect(await prospectAfter(stuck, [0])).toMatchObject({ kind: 'open' });
    const broken = modelOf((m) => {
      const looks = m.cell('looks');
      m.actor('spinner', function* spin() {
        const again = yield* here();
        yield* looks.add(1);
        yield* again();
      });
      m.always('few', [looks], (value) => value < 9);
    });
    expect(await prospectAfter(broken, [0])).toMatchObject({ kind: 'open' });
  });

  it('is a livelock of those who wait for one that goes round', async () => {
    const hog = modelOf((m) => {
      const x = m.cell('x');
      m.actor('hog', function* hog() {
        const again = yield* here();
        yield* x.read();
        yield* again();
      });
      m.actor('waiter', function* wait() {
        yield* x.waitUntil((value) => value === 1);
      });
    });
    expect(await prospectAfter(hog, [0])).toMatchObject({ kind: 'livelock', starved: [0, 1], movers: [0] });
  });

  it('goes round with each answer of the environment that keeps it going', async () => {
    const asking = modelOf((m) => {
      const x = m.cell('x');
      m.actor('asker', function* ask() {
        const again = yield* here();
        if ((yield* choose(2, 'which')) === 1) yield* x.write(1);
        else yield* x.write(0);
        yield* again();
      });
    });
    expect(await prospectAfter(asking, [])).toMatchObject({ kind: 'livelock', movers: [0] });
  });

  it('is not known to be one when there are more states than the bound', async () => {
    const counts = modelOf((m) => {
      const looks = m.cell('looks');
      m.actor('spinner', function* spin() {
        const again = yield* here();
        yield* looks.add(1);
        yield* again();
      });
    });
    expect(await prospectAfter(counts, [0], 50)).toEqual({ kind: 'unknown', states: 51 });
  });

  it('is open however many states there are, where an end is near or lies deep', async () => {
    // Ever new states in breadth, one of which leads to the end in two steps; and a way of 200 steps beside others.
    const near = modelOf((m) => {
      const [looks, flag] = [m.cell('looks'), m.cell('flag')];
      m.actor('spinner', function* spin() {
        const again = yield* here();
        yield* looks.add(1);
        if ((yield* flag.read()) === 0) yield* again();
      });
      m.actor('setter', function* set() {
        yield* flag.write(1);
      });
    });
    expect(await prospectAfter(near, [0], 100)).toMatchObject({ kind: 'open' });
    const deep = modelOf((m) => {
      const x = m.cell('x');
      m.actors(
        'worker',
        4,
        () =>
          function* work() {
            for (let step = 0; step < 50; step++) yield* x.add(1);
          },
      );
    });
    expect(await prospectAfter(deep, [0], 5_000)).toMatchObject({ kind: 'open' });
  });
});

describe('a run in which only daemons go on', () => {
  const ticker = modelOf((m) => {
    const [x, y] = [m.cell('x'), m.cell('y')];
    m.actor('worker', function* work() {
      yield* x.write(1);
    });
    m.actor(
      'ticker',
      function* tick() {
        const again = yield* here();
        yield* y.write(1);
        yield* y.write(0);
        yield* again();
      },
      { daemon: true },
    );
    m.finally('between two ticks', [y], (value) => value === 0);
  });
  const [WORKER, TICKER] = [0, 1];

  it('is at its end when all that can come comes again', async () => {
    expect(await prospectAfter(ticker, [WORKER])).toMatchObject({ kind: 'end', way: [], isAsked: true });
  });

  it('is asked between the rounds of the daemon, and not half-way', async () => {
    const halfway = await prospectAfter(ticker, [WORKER, TICKER]);
    expect(halfway).toMatchObject({ kind: 'end', way: [{ actor: TICKER, choice: -1 }], isAsked: false });
    const asked = async (steps: number[]): Promise<boolean> => isAtEnd((await runTo(ticker, steps)).executor);
    expect(await Promise.all([[], [WORKER], [WORKER, TICKER], [WORKER, TICKER, TICKER]].map(asked))).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  it('is not at its end while what a daemon polls for is still to be done', async () => {
    const flusher = modelOf((m) => {
      const dirty = m.cell('dirty');
      m.actor('writer', function* write() {
        yield* dirty.write(1);
      });
      m.actor(
        'flusher',
        function* flush() {
          const again = yield* here();
          if ((yield* dirty.read()) === 1) yield* dirty.write(0);
          yield* again();
        },
        { daemon: true },
      );
      m.finally('flushed', [dirty], (value) => value === 0);
    });
    expect(await prospectAfter(flusher, [0])).toMatchObject({ kind: 'open' });
    expect(await prospectAfter(flusher, [0, 1])).toMatchObject({ kind: 'open' });
    expect(await prospectAfter(flusher, [0, 1, 1])).toMatchObject({ kind: 'end', way: [], isAsked: true });
  });

  it('is not at its end half-way to where daemons rest', async () => {
    const timer = modelOf((m) => {
      const [pending, count] = [m.cell('pending', { initial: 1 }), m.cell('count', { initial: 1 })];
      m.actor('task', function* task() {
        yield* count.read();
      });
      m.actor(
        'timer',
        function* fire() {
          const again = yield* here();
          yield* pending.waitUntil(
            (value) => value === 1,
            () => 0,
          );
          yield* count.add(-1);
          yield* again();
        },
        { daemon: true },
      );
      m.finally('balanced', [pending, count], (left, right) => left === right);
    });
    expect(await prospectAfter(timer, [0, 1])).toMatchObject({ kind: 'open' });
    expect(isAtEnd((await runTo(timer, [0, 1])).executor)).toBe(false);
    expect(isAtEnd((await runTo(timer, [0, 1, 1])).executor)).toBe(true);
  });

  it('is asked everywhere when no state is between the rounds of all daemons', async () => {
    const relay = modelOf((m) => {
      const [turn, x] = [m.cell('turn'), m.cell('x')];
      m.actor('worker', function* work() {
        yield* x.write(1);
      });
      for (const side of [0, 1]) {
        m.actor(
          `runner${side}`,
          function* run() {
            yield* turn.waitUntil((whose) => whose === side);
            const again = yield* here();
            yield* turn.write(1 - side);
            yield* turn.waitUntil((whose) => whose === side);
            yield* x.read();
            yield* again();
          },
          { daemon: true },
        );
      }
      m.finally('the turn of the first', [turn], (whose) => whose === 0);
    });
    // The second has the turn and is about to read: the first waits in the middle of its round.
    expect(await prospectAfter(relay, [0, 1, 1, 2, 2, 1, 1, 1])).toMatchObject({ kind: 'end' });
  });

  it('leads to the state that fails the check, the nearest of them', async () => {
    const cycle = modelOf((m) => {
      const x = m.cell('x');
      m.actor(
        'wheel',
        function* turn() {
          const again = yield* here();
          yield* x.waitUntil(
            () => true,
            (value) => (value + 1) % 5,
          );
          yield* again();
        },
        { daemon: true },
      );
      m.finally('not three', [x], (value) => value !== 3);
    });
    const wheel = { actor: 0, choice: -1 };
    expect(await prospectAfter(cycle, [])).toMatchObject({ kind: 'end', way: [wheel, wheel, wheel] });
    expect(await prospectAfter(cycle, [0, 0, 0])).toMatchObject({ kind: 'end', way: [] });
  });

  it('leads to the step of a daemon that breaks something', async () => {
    const breaking = modelOf((m) => {
      const cells = m.cells('cell', 2);
      for (const side of [0, 1]) {
        m.actor(
          `blinker${side}`,
          function* blink() {
            const again = yield* here();
            yield* cells.at(side).write(1);
            yield* cells.at(side).write(0);
            yield* again();
          },
          { daemon: true },
        );
      }
      m.always('one at a time', [cells.at(0), cells.at(1)], (left, right) => left + right < 2);
    });
    const way = [
      { actor: 0, choice: -1 },
      { actor: 1, choice: -1 },
    ];
    expect(await prospectAfter(breaking, [])).toMatchObject({ kind: 'end', way, isAsked: false });
  });

  it('is not at its end while it may come to where it can only break something', async () => {
    const slipping = modelOf((m) => {
      const x = m.cell('x');
      m.actor(
        'walker',
        function* walk() {
          const again = yield* here();
          if ((yield* choose(2, 'slip?')) === 1) yield* x.write(1);
          else yield* x.write(0);
          yield* again();
        },
        { daemon: true },
      );
      m.always('never slips', [x], (value) => value === 0);
    });
    expect(await prospectAfter(slipping, [])).toMatchObject({ kind: 'open' });
  });

  it('is not known to be at its end when there are more states than the bound', async () => {
    const beats = modelOf((m) => {
      const count = m.cell('beats');
      m.actor(
        'heart',
        function* beat() {
          const again = yield* here();
          yield* count.add(1);
          yield* again();
        },
        { daemon: true },
      );
      m.finally('any', [count], () => true);
    });
    expect(await prospectAfter(beats, [], 50)).toEqual({ kind: 'unknown', states: 51 });
    const { executor, program } = await runTo(beats, []);
    expect(new Outlook(program).isAsked(executor)).toBe('unknown');
  });
});

it('says the same of a state whatever it was asked before, until it forgets', async () => {
  const { program, executor } = await runTo(spins, [SPOILER]);
  const outlook = new Outlook(program);
  const first = outlook.of(executor);
  const { looked } = outlook;
  expect(outlook.of(executor)).toBe(first);
  expect(outlook.looked).toBe(looked);
  outlook.forget();
  expect(outlook.of(executor)).toEqual({ ...first, isIn: expect.any(Function) });
  expect(outlook.looked).toBe(2 * looked);
});

it('takes a ring of locks for an end, whoever else runs', async () => {
  const ringed = modelOf((m) => {
    const [left, right] = [m.mutex('left'), m.mutex('right')];
    const stop = m.cell('stop');
    for (const [first, second] of [
      [left, right],
      [right, left],
    ]) {
      m.actor(`taker of ${first === left ? 'left' : 'right'} first`, function* take() {
        yield* first.lock();
        yield* second.lock();
        yield* second.unlock();
        yield* first.unlock();
      });
    }
    m.actor('spinner', function* spin() {
      const again = yield* here();
      if ((yield* stop.read()) === 0) yield* again();
    });
  });
  // Whatever the two do, the spinner never ends: but they may come to a deadlock, and that is told instead.
  expect(await prospectAfter(ringed, [0])).toMatchObject({ kind: 'open' });
  // Once both are through, there is none.
  expect(await prospectAfter(ringed, [0, 0, 0, 0, 1, 1, 1])).toMatchObject({ kind: 'livelock', starved: [2] });
});
