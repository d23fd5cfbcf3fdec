/** The automaton: one node per history, and a refusal with a name for routines that are not functions of theirs. */
import { describe, expect, it } from 'vitest';
import { ModelError } from '../../../src/core/errors.js';
import type { Cell } from '../../../src/core/ops/cell.js';
import type { Ref } from '../../../src/core/ops/ref.js';
import { here, type Routine } from '../../../src/core/ops/routine.js';
import { call } from '../../../src/core/program/program-builder.js';
import { Executor } from '../../../src/core/run/executor.js';
import { programOf, stepAll } from '../every-run.js';

/** A program of one actor over the cells x and y. */
async function one(body: (x: Cell, y: Cell) => () => Routine<unknown>, registers?: number): Promise<Executor> {
  const program = await programOf((m) => m.actor('task', body(m.cell('x'), m.cell('y'))), registers);
  return new Executor(program);
}

async function runs(body: (x: Cell, y: Cell) => () => Routine<unknown>): Promise<void> {
  const executor = await one(body);
  for (let step = 0; step < 20 && executor.runnableCount > 0; step++) executor.step(0);
}

describe('hidden nondeterminism is caught and named', () => {
  it('in a routine that counts its runs in a closure', async () => {
    let count = 0;
    const routine = runs(
      (x) =>
        function* counts() {
          count++;
          yield* x.write(count);
        },
    );
    await expect(routine).rejects.toThrow(
      'counts is not deterministic: fed the same results twice it went on with "x = 1" and then with "x = 2"; ' +
        'shared state must live in cells, and what chance or the environment decides is asked for by yield* choose(n, "why")',
    );
  });

  it('in a routine that remembers in a closure that it has been there', async () => {
    let been = false;
    const routine = runs(
      (x, y) =>
        function* remembers() {
          yield* been ? y.read() : x.read();
          been = true;
          yield* x.write(1);
        },
    );
    await expect(routine).rejects.toThrow(
      /^remembers is not deterministic: fed the same results it went on with "y" where it had yielded "x" before;/,
    );
  });

  it('in a routine that draws a number', async () => {
    let state = 1;
    const random = (): number => (state = (state * 48271) % 0x7fffffff);
    await expect(
      runs(
        (x) =>
          function* draws() {
            yield* x.read();
            yield* x.write(random());
          },
      ),
    ).rejects.toThrow('draws is not deterministic');
  });

  it('in a routine that ends now and then', async () => {
    let ends = false;
    await expect(
      runs(
        (x) =>
          function* sometimes() {
            yield* x.read();
            ends = !ends;
            if (ends) return;
            yield* x.read();
          },
      ),
    ).rejects.toThrow(/went on with return 0 and then with "x"/);
  });

  it('in a continuation that few paths take, behind steps that all take', async () => {
    let turn = 0;
    const program = await programOf((m) => {
      const [x, y] = [m.cell('x'), m.cell('y')];
      m.actor('task', function* rarely() {
        let sum = 0;
        for (let i = 0; i < 4; i++) sum += yield* x.read();
        // Only where all four were 1, and every third time.
        if (sum === 4 && ++turn % 3 !== 0) yield* y.write(1);
        else yield* x.write(1);
      });
    });
    const { automaton, actors } = program;
    const walk = (node: number): void => {
      if (automaton.info(node).op?.spec.result === 'none') automaton.edge(node, 0);
      else for (const result of [0, 1]) walk(automaton.edge(node, result));
    };
    expect(() => walk(actors[0].calls[0].root.node)).toThrow('rarely is not deterministic');
  });

  it('in what a routine returns', async () => {
    let count = 0;
    await expect(
      runs(
        (x) =>
          function* returns() {
            yield* x.read();
            return count++;
          },
      ),
    ).rejects.toThrow('fed the same results twice it went on with return 0 and then with return 1');
  });

  it('in the operands of an op on several cells', async () => {
    let turn = 0;
    const program = programOf((m) => {
      const cells = m.cells('cells', 2);
      m.actor('task', () => m.waitUntil([cells.at(turn++ % 2)], () => true)[Symbol.iterator]() as Routine);
    });
    await expect(program).rejects.toThrow('is not deterministic');
  });

  it('and two actors with state of their own are not mistaken for it', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      m.actors(
        'task',
        2,
        (index) =>
          function* writes() {
            yield* x.write(index);
          },
      );
    });
    const executor = new Executor(program);
    stepAll(executor, [0, 1]);
    expect(executor.complete).toBe(true);
  });
});

it('a plain function that uses an op for its result is told from a generator', async () => {
  const made = programOf((m) => {
    const cell = m.cell('cell');
    function add() {
      return cell.write((cell.read() as never) + 1);
    }
    m.actor('task', add as never);
  });
  await expect(made).rejects.toThrow(ModelError);
  await expect(made).rejects.toThrow('(add is not a generator function; function* add() may be meant)');
});

describe('what is no routine is refused with a sentence', () => {
  it.each<[string, () => unknown, string]>([
    ['a plain function', () => undefined, 'plain is not a generator function; write function* plain()'],
    [
      'a yield of something else',
      function* () {
        yield 3;
      },
      'plain yielded 3; yield* an op instead',
    ],
    [
      'a yield of null',
      function* () {
        yield null;
      },
      'plain yielded null; yield* an op instead',
    ],
    [
      'a result that is not an integer',
      function* () {
        return 1.5;
      },
      'plain returned 1.5; a call returns a whole number from -2147483648 to 2147483647, a boolean or nothing',
    ],
    [
      'a result of more than 32 bits',
      function* () {
        return 2 ** 31;
      },
      'plain returned 2147483648; a call returns a whole number from',
    ],
    [
      'an object as result',
      function* () {
        return {};
      },
      'plain returned {}; a call returns a whole number from',
    ],
  ])('%s', async (_, body, message) => {
    const plain = body as unknown as () => Routine;
    Object.defineProperty(plain, 'name', { value: 'plain' });
    await expect(programOf((m) => m.actor('task', plain))).rejects.toThrow(message);
  });
});

describe('here and again', () => {
  it('go back to the local state of the mark: nodes do not grow with the rounds', async () => {
    const executor = await one(
      (x) =>
        function* spins() {
          const again = yield* here();
          if ((yield* x.read()) === 0) yield* again();
          yield* x.write(0);
        },
    );
    stepAll(executor, [0, 0, 0, 0]);
    const { size } = executor.automaton;
    stepAll(executor, [0, 0, 0, 0, 0, 0]);
    expect(executor.automaton.size).toBe(size);
    executor.state[0] = 1;
    stepAll(executor, [0, 0]);
    expect(executor.complete).toBe(true);
  });

  it('forget what was learned since the mark and keep what was known before', async () => {
    const executor = await one(
      (x, y) =>
        function* retries() {
          const before = yield* x.read();
          const again = yield* here();
          let tries = 0;
          tries++;
          if ((yield* y.read()) === 0) yield* again();
          return before * 10 + tries;
        },
    );
    executor.state[0] = 7;
    stepAll(executor, [0, 0, 0, 0]);
    executor.state[1] = 1;
    stepAll(executor, [0]);
    expect(executor.resultOf(0, 0)).toBe(71);
  });

  it('nest: the inner loop goes back to its own mark, the outer one to the outer', async () => {
    const executor = await one(
      (x, y) =>
        function* nested() {
          const outer = yield* here();
          const first = yield* x.read();
          const inner = yield* here();
          const second = yield* y.read();
          if (second === 0) yield* inner();
          if (second === 1) yield* outer();
          return first * 10 + second;
        },
    );
    executor.state[0] = 1;
    stepAll(executor, [0, 0, 0]);
    const node = executor.nodeOf(0);
    executor.state[1] = 1;
    stepAll(executor, [0]);
    expect(executor.nodeOf(0)).not.toBe(node);
    executor.state.set([2, 2]);
    stepAll(executor, [0, 0]);
    expect(executor.resultOf(0, 0)).toBe(22);
  });

  it('clear the registers of refs that were read since the mark', async () => {
    const program = await programOf((m) => {
      const items = m.domain('item', 2);
      const ref = m.cells('ref', 1, { refTo: items });
      const go = m.cell('go');
      m.actor('task', [
        call(
          'give',
          function* give(item: Ref) {
            yield* ref.at(0).write(item);
          },
          items.id(1),
        ),
        call('look', function* look() {
          const again = yield* here();
          yield* ref.at(0).read();
          if ((yield* go.read()) === 0) yield* again();
        }),
      ]);
    });
    const executor = new Executor(program);
    stepAll(executor, [0, 0]);
    const register = executor.registerWord(0, 0);
    expect(executor.state[register]).toBe(2);
    stepAll(executor, [0]);
    expect(executor.state[register]).toBe(0);
  });

  it('refuse a loop without a step', async () => {
    await expect(
      runs(
        (x) =>
          function* idles() {
            yield* x.read();
            const again = yield* here();
            yield* again();
          },
      ),
    ).rejects.toThrow('idles calls again() without an op since here(): it would loop without a step');
  });

  it('refuse a loop inside an atomic section', async () => {
    const { atomic } = await import('../../../src/core/ops/routine.js');
    await expect(
      runs(
        (x) =>
          function* loops() {
            yield* atomic('section', function* () {
              const again = yield* here();
              if ((yield* x.read()) === 0) yield* again();
            });
          },
      ),
    ).rejects.toThrow('loops calls here() inside section; an atomic section is one step and cannot loop');
  });

  it('refuse a jump out of an atomic section', async () => {
    const { atomic } = await import('../../../src/core/ops/routine.js');
    await expect(
      runs(
        (x) =>
          function* loops() {
            const again = yield* here();
            yield* x.read();
            yield* atomic('section', function* () {
              yield* x.read();
              yield* again();
            });
          },
      ),
    ).rejects.toThrow('loops calls again() inside section');
  });
});

describe('identities', () => {
  it('travel in registers: one automaton serves 4096 folios', async () => {
    const sizes: number[] = [];
    for (const count of [2, 4096]) {
      const program = await programOf((m) => {
        const folios = m.domain('folio', count);
        const flags = m.cells('flag', count);
        const slot = m.cells('slot', 1, { refTo: folios });
        const routine = function* touch(folio: Ref) {
          if ((yield* flags.at(folio).read()) === 0) yield* flags.at(folio).write(1);
          yield* slot.at(0).write(folio);
          const found = yield* slot.at(0).read();
          if (found !== null) yield* flags.at(found).add(1);
        };
        m.actor(
          'task',
          Array.from({ length: count }, (_, i) => call('touch', routine, folios.id(i))),
        );
      });
      const executor = new Executor(program);
      while (executor.runnableCount > 0) executor.step(0);
      // Every folio was touched, and no other word.
      expect([...executor.state.subarray(0, count)].every((flag) => flag === 2)).toBe(true);
      sizes.push(executor.automaton.size);
    }
    expect(sizes[1]).toBe(sizes[0]);
  });

  it('are told apart by their registers, not by their number', async () => {
    const program = await programOf((m) => {
      const items = m.domain('item', 3);
      const cells = m.cells('cell', 3);
      const routine = function* move(from: Ref, to: Ref) {
        yield* cells.at(to).write(1);
        yield* cells.at(from).write(2);
      };
      m.actor('task', [call('move', routine, items.id(2), items.id(0))]);
    });
    const executor = new Executor(program);
    stepAll(executor, [0, 0]);
    expect([...executor.state.subarray(0, 3)]).toEqual([1, 0, 2]);
  });

  it('are held in at most as many registers as the model allows', async () => {
    const program = await programOf((m) => {
      const items = m.domain('item', 1);
      const ref = m.cells('ref', 1, { refTo: items });
      m.actor('task', [
        call(
          'give',
          function* give(item: Ref) {
            yield* ref.at(0).write(item);
          },
          items.id(0),
        ),
        call('hoard', function* hoard() {
          yield* ref.at(0).read();
          yield* ref.at(0).read();
          yield* ref.at(0).read();
        }),
      ]);
    }, 2);
    const executor = new Executor(program);
    stepAll(executor, [0, 0, 0]);
    expect(() => executor.step(0)).toThrow(
      'hoard holds 3 refs at once; the model allows 2 (defineModel({ registers: n }))',
    );
  });
});

describe('roots', () => {
  it('are shared by calls of one routine with equal arguments and kept apart by others', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      const routine = function* writes(value: number) {
        yield* x.write(value);
      };
      m.actor('task', [call('a', routine, 1), call('b', routine, 2), call('c', routine, 1)]);
    });
    const [a, b, c] = program.actors[0].calls.map(({ root }) => root.node);
    expect([a === c, a === b]).toEqual([true, false]);
  });

  it('take any argument, the word root included', async () => {
    const program = await programOf((m) => {
      const x = m.cell('x');
      const routine = function* writes(_?: string) {
        yield* x.write(1);
      };
      m.actor('task', [call('a', routine), call('b', routine, 'root'), call('c', routine)]);
    });
    const [a, b, c] = program.actors[0].calls.map(({ root }) => root.node);
    expect([a === c, a === b]).toEqual([true, false]);
  });
});

describe('reports ask the automaton', () => {
  it('which results were met at a node', async () => {
    const executor = await one(
      (x) =>
        function* reads() {
          return yield* x.read();
        },
    );
    const node = executor.nodeOf(0);
    expect([executor.automaton.taken(node), executor.automaton.results(node)]).toEqual([false, []]);
    for (const value of [7, 0, -3, 1]) {
      executor.reset();
      executor.state[0] = value;
      executor.step(0);
      expect(executor.resultOf(0, 0)).toBe(value);
    }
    expect([executor.automaton.taken(node), executor.automaton.results(node)]).toEqual([true, [-3, 0, 1, 7]]);
  });

  it('which op, function and section a node lies in', async () => {
    const { atomic, within } = await import('../../../src/core/ops/routine.js');
    const executor = await one(
      (x) =>
        function* task() {
          yield* within('outer', 'v1', function* () {
            yield* within('inner', 'v2', () => atomic('section', () => x.write(1)[Symbol.iterator]() as Routine));
            yield* x.write(2);
          });
        },
    );
    const first = executor.automaton.info(executor.nodeOf(0));
    expect([first.frame?.name, first.frame?.version, first.frame?.parent?.name, first.atomic]).toEqual([
      ...['inner', 'v2', 'outer', 'section'],
    ]);
    executor.step(0);
    const second = executor.automaton.info(executor.nodeOf(0));
    expect([second.frame?.name, second.atomic, second.op?.spec.label]).toEqual(['outer', undefined, '% = 2']);
  });

  it('what an atomic section returned, on the edge on which it ended', async () => {
    const { atomic } = await import('../../../src/core/ops/routine.js');
    const executor = await one(
      (x) =>
        function* task() {
          yield* atomic('empty', function* () {
            return 'nothing was done';
          });
          yield* atomic('section', function* () {
            return (yield* x.read()) + 5;
          });
        },
    );
    const node = executor.nodeOf(0);
    executor.step(0);
    expect(executor.automaton.note(node, 0)?.ended).toEqual({ value: 5 });
    expect(executor.automaton.note(node, 1)).toBeUndefined();
  });

  it('and none has an op for an actor that has finished', async () => {
    const executor = await one(
      (x) =>
        function* task() {
          yield* x.read();
        },
    );
    executor.step(0);
    expect(() => executor.automaton.opOf(executor.nodeOf(0))).toThrow('a finished call has no op');
  });
});

it('many local states do not outgrow their arrays', async () => {
  const executor = await one(
    (x, y) =>
      function* long() {
        for (let i = 0; i < 400; i++) {
          yield* y.write(i % 5);
          yield* x.fetchAdd(1).record(y, (_, seen) => seen);
        }
      },
  );
  while (executor.runnableCount > 0) executor.step(0);
  expect([executor.state[0], executor.state[1]]).toEqual([400, 399]);
  executor.reset();
  while (executor.runnableCount > 0) executor.step(0);
  expect([executor.state[0], executor.state[1]]).toEqual([400, 399]);
});
