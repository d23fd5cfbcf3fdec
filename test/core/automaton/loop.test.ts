/** Loops that carry values: a head for each set of values, registers that are kept, and refusals. */
import { describe, expect, it } from 'vitest';
import { MOST_HEADS } from '../../../src/core/automaton/heads.js';
import type { Cell } from '../../../src/core/ops/cell.js';
import { loop } from '../../../src/core/ops/loop.js';
import type { Ref } from '../../../src/core/ops/ref.js';
import { atomic, here, type Routine } from '../../../src/core/ops/routine.js';
import { call, ProgramBuilder } from '../../../src/core/program/program-builder.js';
import { Executor } from '../../../src/core/run/executor.js';
import { StepFlag } from '../../../src/core/run/step-flag.js';
import { programOf, stepAll } from '../every-run.js';

/** A program of one actor over the cells x and y. */
async function one(body: (x: Cell, y: Cell) => () => Routine<unknown>, registers?: number): Promise<Executor> {
  const program = await programOf((m) => m.actor('task', body(m.cell('x'), m.cell('y'))), registers);
  return new Executor(program);
}

async function runs(body: (x: Cell, y: Cell) => () => Routine<unknown>, steps = 20): Promise<void> {
  const executor = await one(body);
  for (let step = 0; step < steps && executor.runnableCount > 0; step++) executor.step(0);
}

/** Waits until x is 1, at most `most` times; how often it looked. */
const bounded = (most: number) => (x: Cell) =>
  function* waits() {
    return yield* loop({ tries: 1 }, function* ({ tries }, again) {
      if ((yield* x.read()) === 1) return tries;
      if (tries === most) return -1;
      return yield* again({ tries: tries + 1 });
    });
  };

describe('a loop hands its values on', () => {
  it('from round to round, and returns what the last round returns', async () => {
    const executor = await one(bounded(3));
    stepAll(executor, [0, 0, 0]);
    expect([executor.complete, executor.resultOf(0, 0)]).toEqual([true, -1]);
    executor.reset();
    stepAll(executor, [0]);
    executor.state[0] = 1;
    stepAll(executor, [0]);
    expect(executor.resultOf(0, 0)).toBe(2);
  });

  it('and the same values lead to the same local state, by whatever way', async () => {
    const executor = await one(
      (x) =>
        function* flips() {
          yield* x.read();
          yield* loop({ odd: false, name: 'first' }, function* ({ odd }, again) {
            yield* x.write(odd ? 1 : 0);
            return yield* again({ odd: !odd });
          });
        },
    );
    stepAll(executor, [0]);
    const first = executor.nodeOf(0);
    stepAll(executor, [0]);
    const second = executor.nodeOf(0);
    expect(second).not.toBe(first);
    stepAll(executor, [0]);
    expect(executor.nodeOf(0)).toBe(first);
    const { size } = executor.automaton;
    stepAll(executor, [0, 0, 0, 0, 0]);
    expect([executor.nodeOf(0), executor.automaton.size]).toEqual([second, size]);
  });

  it('keeping those that again() leaves out', async () => {
    const executor = await one(
      (x) =>
        function* keeps() {
          return yield* loop({ a: 1, b: 10 }, function* ({ a, b }, again) {
            const seen = yield* x.read();
            if (a === 3) return a + b + seen;
            return yield* again({ a: a + 1 });
          });
        },
    );
    stepAll(executor, [0, 0, 0]);
    expect(executor.resultOf(0, 0)).toBe(13);
  });

  it('and forgets what else a round learned', async () => {
    const executor = await one(
      (x) =>
        function* forgets() {
          return yield* loop({ tries: 0 }, function* ({ tries }, again) {
            let learned = 0;
            learned += yield* x.fetchAdd(5);
            if (tries === 2) return learned;
            return yield* again({ tries: tries + 1 });
          });
        },
    );
    stepAll(executor, [0, 0, 0]);
    expect(executor.resultOf(0, 0)).toBe(10);
  });
});

describe('loops nest', () => {
  it('the inner one begins anew in each round of the outer one', async () => {
    const executor = await one(
      (x, y) =>
        function* nested() {
          return yield* loop({ outer: 0 }, function* ({ outer }, again) {
            const inner = yield* loop({ inner: 0 }, function* (values, onceMore) {
              yield* x.add(1);
              if (values.inner === 2) return values.inner;
              return yield* onceMore({ inner: values.inner + 1 });
            });
            yield* y.add(inner);
            if (outer === 1) return outer;
            return yield* again({ outer: outer + 1 });
          });
        },
    );
    while (executor.runnableCount > 0) executor.step(0);
    expect([executor.state[0], executor.state[1], executor.resultOf(0, 0)]).toEqual([6, 4, 1]);
  });

  it('and a round may go on with the outer one at once, for it took steps before', async () => {
    const executor = await one(
      (x, y) =>
        function* restarts() {
          const restart = yield* here();
          yield* loop({ tries: 0 }, function* ({ tries }, again) {
            if (tries === 2) return yield* restart();
            if ((yield* x.fetchAdd(1)) === 4) return;
            return yield* again({ tries: tries + 1 });
          });
          yield* y.write(7);
        },
    );
    const heads = [];
    for (let step = 0; step < 5; step++) {
      heads.push(executor.nodeOf(0));
      executor.step(0);
    }
    const [first, second] = heads;
    expect(heads).toEqual([first, second, first, second, first]);
    stepAll(executor, [0]);
    expect([executor.complete, executor.state[0], executor.state[1]]).toEqual([true, 5, 7]);
  });

  it('a jump to here() before a loop begins the loop anew', async () => {
    const executor = await one(
      (x) =>
        function* outer() {
          const anew = yield* here();
          return yield* loop({ n: 0 }, function* ({ n }, again) {
            const seen = yield* x.fetchAdd(1);
            if (seen === 1) return yield* anew();
            if (seen === 4) return n;
            return yield* again({ n: n + 1 });
          });
        },
    );
    while (executor.runnableCount > 0) executor.step(0);
    expect([executor.state[0], executor.resultOf(0, 0)]).toEqual([5, 2]);
  });
});

describe('a round that takes no step', () => {
  it('may leave the loop', async () => {
    const executor = await one(
      (x, y) =>
        function* counts() {
          yield* loop({ n: 0 }, function* ({ n }, again) {
            if (n === 3) return;
            yield* x.add(1);
            return yield* again({ n: n + 1 });
          });
          yield* y.write(1);
        },
    );
    stepAll(executor, [0, 0, 0, 0]);
    expect([executor.complete, executor.state[0], executor.state[1]]).toEqual([true, 3, 1]);
  });

  it('may end the call, and the step is a round and the end of a call', async () => {
    const executor = await one(
      (x) =>
        function* counts() {
          return yield* loop({ n: 0 }, function* ({ n }, again) {
            if (n === 2) return n;
            yield* x.add(1);
            return yield* again({ n: n + 1 });
          });
        },
    );
    expect(stepAll(executor, [0])).toBe(StepFlag.Round);
    expect(stepAll(executor, [0])).toBe(StepFlag.Round | StepFlag.CallEnd | StepFlag.Rests);
    expect([executor.complete, executor.resultOf(0, 0)]).toEqual([true, 2]);
  });
});

it('a jump is a retry unless its values are further from the first ones', async () => {
  const executor = await one(
    (x) =>
      function* goes() {
        yield* loop({ n: 2 }, function* ({ n }, again) {
          yield* x.read();
          return yield* again({ n: n === 0 ? 2 : n - 1 });
        });
      },
  );
  expect([1, 2, 3, 4].map(() => executor.step(0))).toEqual([
    ...[StepFlag.Round, StepFlag.Round, StepFlag.Again, StepFlag.Round],
  ]);
});

describe('refs', () => {
  /** Three nodes in a list, 0 -> 1 -> 2. */
  const walk = (registers: number) =>
    programOf((m) => {
      const nodes = m.domain('node', 3);
      const next = m.cells('next', 3, { refTo: nodes });
      const visits = m.cells('visits', 3);
      const put = function* put(from: Ref, to: Ref) {
        yield* next.at(from).write(to);
      };
      m.actor('task', [
        call('put', put, nodes.id(0), nodes.id(1)),
        call('put', put, nodes.id(1), nodes.id(2)),
        call(
          'walk',
          function* walk(head: Ref) {
            return yield* loop({ at: head, length: 1 }, function* ({ at, length }, again) {
              yield* visits.at(at).add(1);
              const to = yield* next.at(at).read();
              if (to === null) return length;
              return yield* again({ at: to, length: length + 1 });
            });
          },
          nodes.id(0),
        ),
      ]);
    }, registers);

  it('are handed on in the registers they are in, so a list of any length takes three', async () => {
    const executor = new Executor(await walk(3));
    while (executor.runnableCount > 0) executor.step(0);
    const visits = executor.program.layout.regions.find(({ name }) => name === 'visits')!;
    expect([...executor.state.subarray(visits.base, visits.base + 3)]).toEqual([1, 1, 1]);
    expect(executor.resultOf(0, 2)).toBe(3);
  });

  it('and the others of the round are forgotten', async () => {
    const program = await programOf((m) => {
      const items = m.domain('item', 3);
      const slots = m.cells('slot', 2, { refTo: items });
      m.actor('task', [
        call(
          'give',
          function* give(one: Ref, two: Ref) {
            yield* slots.at(0).write(one);
            yield* slots.at(1).write(two);
          },
          items.id(1),
          items.id(2),
        ),
        call('look', function* look() {
          yield* loop({ last: null as Ref | null }, function* ({ last }, again) {
            yield* slots.at(0).read();
            const second = yield* slots.at(1).read();
            return yield* again({ last: last === null ? second : null });
          });
        }),
      ]);
    });
    const executor = new Executor(program);
    const registers = () => [0, 1, 2].map((register) => executor.state[executor.registerWord(0, register)]);
    stepAll(executor, [0, 0, 0, 0]);
    expect(registers()).toEqual([0, 3, 0]);
    stepAll(executor, [0]);
    expect(registers()).toEqual([2, 3, 0]);
    stepAll(executor, [0]);
    expect(registers()).toEqual([0, 0, 0]);
  });
});

describe('what a loop cannot do is refused with a sentence', () => {
  it('carry something besides its values', () => {
    // Nobody looks at the text here.
    const m = new ProgramBuilder('test', 1);
    const x = m.cell('x');
    m.actor('task', function* besides() {
      let tried = 0;
      yield* loop({ n: 0 }, function* ({ n }, again) {
        const seen = yield* x.read();
        if (++tried > 1) return seen;
        return yield* again({ n: n + 1 });
      });
    });
    const executor = new Executor(m.program());
    expect(() => executor.step(0)).toThrow(
      'besides carries more round its loop than the values it names: in a round that begins with { n: 1 } it goes on ' +
        'with return 0, and with again({ n: 2 }) when it has not gone round before; name what it carries in',
    );
  });

  it('go round without a step', async () => {
    await expect(
      runs(
        (x) =>
          function* idles() {
            yield* x.read();
            yield* loop({ n: 0 }, function* ({ n }, again) {
              return yield* again({ n: n + 1 });
            });
          },
      ),
    ).rejects.toThrow('idles calls again() without an op since its round began: it would loop without a step');
  });

  it('begin inside an atomic section', async () => {
    await expect(
      runs(
        (x) =>
          function* loops() {
            yield* atomic('section', function* () {
              yield* loop({ n: 0 }, function* ({ n }, again) {
                if ((yield* x.read()) === 0 && n < 2) return yield* again({ n: n + 1 });
              });
            });
          },
      ),
    ).rejects.toThrow('loops calls loop() inside section; an atomic section is one step and cannot loop');
  });

  it('go on after it was left', async () => {
    await expect(
      runs(
        (x) =>
          function* late() {
            const again = yield* loop({ n: 0 }, function* (_, onceMore) {
              yield* x.read();
              return onceMore;
            });
            yield* again({ n: 1 });
          },
      ),
    ).rejects.toThrow('again() is called after its loop was left; call it in the body of the loop');
  });

  it.each<[string, unknown, string]>([
    ['an array', { n: [1] }, 'loop({ n }) hands on [ 1 ]; a loop carries whole numbers of 32 bits, booleans, strings,'],
    ['a fraction', { n: 0.5 }, 'loop({ n }) hands on 0.5; a loop carries'],
    ['nothing', { n: undefined }, 'loop({ n }) hands on undefined; a loop carries'],
    ['a function', { n: () => 1 }, 'loop({ n }) hands on a function; a loop carries'],
    ['a number without a name', 3, 'loop() is handed 3; hand it values by name, as in loop({ tries: 0 }, ...)'],
    ['a symbol', { [Symbol('s')]: 1 }, 'loop() is handed Symbol(s); a name is a string'],
  ])('hand on %s', async (_, values, sentence) => {
    await expect(
      runs(
        (x) =>
          function* hands() {
            yield* loop(values as { n: number }, function* () {
              yield* x.read();
            });
          },
      ),
    ).rejects.toThrow(sentence);
  });

  it.each<[string, unknown, string]>([
    ['a name that it does not know', { tires: 1 }, 'again() is handed "tires", but its loop carries tries; name it in'],
    ['an object', { tries: {} }, 'again({ tries }) hands on {}; a loop carries'],
    ['a number without a name', 1, 'again() is handed 1; hand it values by name, as its loop is'],
  ])('go on with %s', async (_, changed, sentence) => {
    await expect(
      runs(
        (x) =>
          function* hands() {
            yield* loop({ tries: 0 }, function* (__, again) {
              yield* x.read();
              return yield* again(changed as { tries: number });
            });
          },
      ),
    ).rejects.toThrow(sentence);
  });

  it('have a body that is no generator function', async () => {
    const body = (() => 1) as never;
    await expect(
      runs(
        () =>
          function* plain() {
            yield* loop({ n: 0 }, body);
          },
      ),
    ).rejects.toThrow('the body of loop() is not a generator function; write function* (values, again) { ... }');
  });

  it('change its values in place', async () => {
    await expect(
      runs(
        (x) =>
          function* changes() {
            yield* loop({ n: 0 }, function* (values, again) {
              yield* x.read();
              (values as { n: number }).n++;
              return yield* again();
            });
          },
      ),
    ).rejects.toThrow('read only');
  });

  it('hand on ever new values', async () => {
    await expect(
      runs(
        (x) =>
          function* grows() {
            yield* loop({ kind: 'a', n: 0 }, function* ({ n }, again) {
              yield* x.read();
              return yield* again({ n: n + 1 });
            });
          },
        MOST_HEADS + 2,
      ),
    ).rejects.toThrow(
      'grows has too many local states: a loop of its own hands on more than 10000 different sets of values, and "n" ' +
        'grows (it is 10001 now); bound it, or keep it in a cell',
    );
  });
});
