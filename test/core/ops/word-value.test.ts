/** What a word may hold: everything else that a model comes with is refused, wherever it comes from. */
import { describe, expect, it } from 'vitest';
import { ModelError } from '../../../src/core/errors.js';
import type { Cell, RefCell } from '../../../src/core/ops/cell.js';
import { sameRef } from '../../../src/core/ops/cell.js';
import { choose, compute, waitUntil } from '../../../src/core/ops/choice.js';
import type { Op } from '../../../src/core/ops/op.js';
import type { Ref } from '../../../src/core/ops/ref.js';
import { valueText } from '../../../src/core/ops/word-value.js';
import { Executor } from '../../../src/core/run/executor.js';
import type { ModelBuilder } from '../../../src/model/model-builder.js';
import { cellValue, programOf, stepAll } from '../every-run.js';

const ALLOWED = 'a whole number from -2147483648 to 2147483647';

/** What JavaScript would have made a word of without a sound. */
const wrong: readonly [text: string, value: unknown][] = [
  ['"foo"', 'foo'],
  ['"7"', '7'],
  ['undefined', undefined],
  ['null', null],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['1.5', 1.5],
  ['2147483648', 2 ** 31],
  ['-2147483649', -(2 ** 31) - 1],
  ['1099511627776', 2 ** 40],
  ['true', true],
  ['5n', 5n],
  ['{}', {}],
  ['[ 1 ]', [1]],
  ['a function', () => 1],
];

/** Runs one op to its end; the error, with the message, if it is one of the model's. */
async function refusalOf(op: (cell: Cell, m: ModelBuilder) => Op<unknown>, initial = 3): Promise<string> {
  try {
    const program = await programOf((m) => {
      const cell = m.cell('c', { initial });
      const made = op(cell, m);
      m.actor('task', function* task() {
        yield* made;
      });
    });
    stepAll(new Executor(program), [0]);
  } catch (error) {
    expect(error).toBeInstanceOf(ModelError);
    return (error as ModelError).message;
  }
  return 'nothing';
}

describe.each(wrong)('%s', (text, value) => {
  const bad = value as number;

  it.each<[string, (cell: Cell) => Op<unknown>, string]>([
    ['written', (cell) => cell.write(bad), `c = ${text}`],
    ['swapped in', (cell) => cell.swap(bad), `c = ${text}`],
    ['added', (cell) => cell.add(bad), `c += ${text}`],
    ['fetched and added', (cell) => cell.fetchAdd(bad), `fetch_add on c of ${text}`],
    ['compared with', (cell) => cell.cmpxchg(bad, 1), `cmpxchg on c from ${text}`],
    ['exchanged for', (cell) => cell.cmpxchg(1, bad), `cmpxchg on c to ${text}`],
    [
      'what an update makes',
      (cell) =>
        cell.waitUntil(
          () => true,
          () => bad,
        ),
      `"wait until c" turns 3 into ${text}`,
    ],
    ['what a function makes', (cell) => cell.apply('f(%)', 'none', { next: () => bad }), `"f(c)" turns 3 into ${text}`],
    [
      'what a computation leaves',
      (cell) =>
        compute(
          'f',
          [cell],
          (values) => {
            values[0] = bad;
          },
          { writes: true },
        ),
      `"f" makes c = ${text}`,
    ],
  ])('is refused when it is %s', async (_, op, place) => {
    expect(await refusalOf(op)).toBe(`${place}: a cell holds ${ALLOWED}`);
  });

  it('is refused as what a ghost records', async () => {
    const refusal = await refusalOf((cell, m) => cell.read().record(m.ghost('seen'), () => bad));
    expect(refusal).toBe(`"c" records seen = ${text}: a cell holds ${ALLOWED}`);
  });

  it('is refused as a result', async () => {
    const ofCell = (cell: Cell) => cell.apply('f(%)', 'number', { result: () => bad });
    expect(await refusalOf(ofCell)).toBe(`"f(c)" on 3 returns ${text}: its result is ${ALLOWED}`);
    const ofCells = (cell: Cell) => compute('f', [cell], () => bad, { result: 'number' });
    expect(await refusalOf(ofCells)).toBe(`"f" returns ${text}: its result is ${ALLOWED}`);
  });

  it('is refused as what a cell starts with, but for undefined, which is 0', async () => {
    for (const kind of ['cell', 'ghost'] as const) {
      const program = programOf((m) => {
        m[kind]('c', { initial: bad });
        m.actor('task', function* task() {});
      });
      if (value === undefined) await program;
      else await expect(program).rejects.toThrow(`c starts with ${text}: a cell holds ${ALLOWED}`);
    }
  });
});

describe('an op', () => {
  it('asks nothing of what its function returns where it cannot run', async () => {
    const next = [1, 2];
    const program = await programOf((m) => {
      const cell = m.cell('c');
      for (const name of ['one', 'two', 'three']) {
        m.actor(name, function* up() {
          yield* cell.waitUntil(
            (value) => value < 2,
            (value) => next[value],
          );
        });
      }
    });
    const executor = new Executor(program);
    stepAll(executor, [0, 1]);
    expect(executor.canRun(2)).toBe(false);
    expect(executor.state[0]).toBe(2);
  });

  it('takes booleans for a boolean result', async () => {
    const program = await programOf((m) => {
      const cell = m.cell('c', { initial: 5 });
      m.actor('task', function* task() {
        const big = yield* cell.apply<boolean>('% > 4', 'boolean', { result: ((v: number) => v > 4) as never });
        yield* cell.write(big ? 1 : 2);
      });
    });
    const executor = new Executor(program);
    stepAll(executor, [0, 0]);
    expect(executor.state[0]).toBe(1);
  });

  it('of no result asks nothing of what its function returns', async () => {
    expect(await refusalOf((cell) => compute('f', [cell], () => 'text' as never))).toBe('nothing');
  });

  it('stores -0 as 0', async () => {
    let cell: Cell | undefined;
    const program = await programOf((m) => {
      cell = m.cell('c', { initial: 3 });
      const made = cell.write(-0);
      expect(made.spec.label).toBe('% = 0');
      m.actor('task', () => made[Symbol.iterator]() as never);
    });
    const executor = new Executor(program);
    stepAll(executor, [0]);
    expect(cellValue(executor, cell!)).toBe(0);
  });

  it('that was not yielded is named as what was written', async () => {
    const refusal = await refusalOf((cell) => cell.write(cell.read() as never));
    expect(refusal.replace(/\.ts:\d+/, '.ts')).toBe(
      `c = an op (yield* it first) (word-value.test.ts): a cell holds ${ALLOWED}`,
    );
  });
});

describe('cells of refs', () => {
  const nodes = { name: 'node', count: 2 };

  it.each<[string, unknown]>([...wrong.filter(([text]) => text !== 'null')])('refuse %s', async (text, value) => {
    const bad = value as Ref;
    const ops: ((cell: RefCell) => unknown)[] = [
      (cell) => cell.write(bad),
      (cell) => cell.equals(bad),
      (cell) => cell.cmpxchg(bad, null),
      (cell) => cell.cmpxchg(null, bad),
    ];
    for (const op of ops) {
      const made = programOf((m) => void op(m.refCell('head', nodes)));
      await expect(made).rejects.toThrow(`head and ${text}: this cell holds node refs, or null`);
    }
    expect(() => sameRef(null, bad)).toThrow(`an op takes ${text} for a ref`);
  });

  it.each([3, 9])('refuse to start with %d, which is no position + 1 of two', async (initial) => {
    const made = programOf((m) => void m.refCell('head', nodes, { initial }));
    await expect(made).rejects.toThrow(`head starts with ${initial}: a ref to node is its position + 1, at most 2`);
  });

  it.each([-0x80000001, -1.5, 0, Number.NaN])('take no mark %d', async (mark) => {
    const made = programOf((m) => void m.refCell('head', nodes).mark(mark));
    await expect(made).rejects.toThrow(`head: ${mark} is no mark (< 0)`);
  });
});

describe('a builder', () => {
  it.each<[string, (m: ModelBuilder) => unknown, string]>([
    ['a cell that is not there', (m) => m.cells('c', 2).at(undefined as never), 'c[undefined] does not exist'],
    ['a cell named by text', (m) => m.cells('c', 2).at('1' as never), 'c["1"] does not exist'],
    ['undefined actors', (m) => m.actors('t', undefined as never, () => []), 'actors("t") are undefined;'],
    ['half an actor', (m) => m.actors('t', 1.5, () => []), 'actors("t") are 1.5;'],
    ['a domain of undefined', (m) => m.domain('gfn', undefined as never), 'domain("gfn") has members: undefined;'],
    ['a bitmap of half a bit', (m) => m.bitmap('b', 0.5), 'bitmap("b") has bits: 0.5;'],
    ['a bit named by number', (m) => m.bitmap('b', 8).set(3 as never), 'b has no bit 3: a bit is named by'],
    ['a choice of 2^40', () => choose(2 ** 40, 'which'), 'choose(1099511627776, "which") offers no choice'],
    ['a wait on undefined', () => waitUntil([undefined as never], () => true), '"waitUntil" looks at undefined:'],
    [
      'a wait on an array',
      (m) => m.waitUntil([m.cells('c', 2) as never], () => true),
      '"waitUntil" looks at an object',
    ],
    ['a computation with a number', () => compute('f', [3 as never], () => {}), '"f" looks at 3: it can look at cells'],
    ['a section that is not there', (m) => [...m.srcu('s').readUnlock(2)], 's.readers[0] has no neighbour 2;'],
  ])('refuses %s', async (_, build, message) => {
    await expect(programOf((m) => void build(m))).rejects.toThrow(message);
  });

  it.each([1.5, -1, Number.NaN])('refuses %d registers', async (registers) => {
    await expect(programOf(() => {}, registers)).rejects.toThrow(`model test allows registers: ${registers};`);
  });
});

it('a long value is cut short in a sentence', () => {
  expect(valueText('x'.repeat(1000))).toBe(`"${'x'.repeat(59)}...`);
});
